package town

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
)

// site is where one generated clinic or shop may stand: near a real town, under a made-up name.
type site struct{ label, department, town string }

// clinicSites are one hospital with the larger departments and practices by department, where residents live.
func clinicSites() []site {
	return []site{
		{"総合病院 内科外来", "内科", "三日市"},
		{"総合病院 整形外科外来", "整形外科", "三日市"},
		{"総合病院 眼科外来", "眼科", "三日市"},
		{"総合病院 透析センター", "透析", "三日市"},
		{"内科医院1号", "内科", "金屋"},
		{"内科医院2号", "内科", "石田新"},
		{"内科医院3号", "内科", "生地中区"},
		{"内科医院4号", "内科", "宇奈月町浦山"},
		{"整形外科医院1号", "整形外科", "堀切"},
		{"整形外科医院2号", "整形外科", "荻生"},
		{"眼科医院1号", "眼科", "植木"},
		{"歯科医院1号", "歯科", "前沢"},
		{"歯科医院2号", "歯科", "高橋"},
		{"歯科医院3号", "歯科", "宇奈月町下立"},
		{"皮膚科医院1号", "皮膚科", "新牧野"},
		{"透析医院1号", "透析", "荻生新"},
		{"リハビリ医院1号", "リハビリ", "田家新"},
	}
}

func shopSites() []site {
	return []site{
		{"スーパー1号店", "", "植木"},
		{"スーパー2号店", "", "前沢"},
		{"スーパー3号店", "", "堀切新"},
		{"スーパー4号店", "", "宇奈月町浦山"},
		{"ショッピングセンター", "", "荻生新"},
		{"ホームセンター1号店", "", "天神新"},
		{"ドラッグストア1号店", "", "生地"},
		{"美容室1号", "", "三日市"},
		{"銀行1号支店", "", "三日市"},
		{"温泉浴場", "", "宇奈月温泉"},
	}
}

// amenities places clinics and shops. The sites stay, the spot moves with the seed.
func (g *generator) amenities() error {
	hospital, err := g.near("総合病院", "三日市", 250)
	if err != nil {
		return err
	}
	for i, s := range clinicSites() {
		p, err := g.near(s.label, s.town, 220)
		if err != nil {
			return err
		}
		if i < 4 { // the departments of the hospital share its door
			p.At = hospital.At
		}
		g.town.Clinics = append(g.town.Clinics, Clinic{Place: p, Department: s.department, Dialysis: s.department == "透析"})
	}
	for _, s := range shopSites() {
		p, err := g.near(s.label, s.town, 220)
		if err != nil {
			return err
		}
		g.town.Shops = append(g.town.Shops, p)
	}
	return nil
}

// near places a label within reach metres of a town.
func (g *generator) near(label, town string, reach int) (dispatch.Place, error) {
	at, err := g.townNamed(town)
	if err != nil {
		return dispatch.Place{}, fmt.Errorf("%s: %w", label, err)
	}
	return g.place(label, at, reach)
}
