package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// graph reads the road graph.
func (c *doctorCmd) graph(context.Context) {
	build := say("swmaas graph build --osm 地図.osm.pbf -o 道路.graph で作り、--graph で指定してください", "make one with swmaas graph build --osm EXTRACT.osm.pbf -o ROADS.graph and name it with --graph")
	switch {
	case c.Graph == "" && c.Town != "":
		c.ok("graph", say("デモの町の道路", "the roads of the demo town"))
	case c.Graph == "":
		c.warn("graph", say("道路データの指定がありません。予約を約束できません", "no road graph is named: nothing can be promised"), build)
	default:
		g, err := routing.ReadFile(c.Graph)
		if err != nil {
			c.fail("graph", say("読めません: %v", "cannot be read: %v", err), build)
			return
		}
		what := say("交差点 %d、道路区間 %d", "%d nodes, %d arcs", g.NumNodes(), g.NumArcs())
		if !g.DriveLeft() {
			c.warn("graph", what, say("右側通行の道路データです。日本の地図で作り直してください", "traffic keeps to the right: build it from an extract of Japan"))
			return
		}
		c.ok("graph", what)
	}
}

// policyFiles loads the policies, as the service does, and tries them with what was put while it ran.
func (c *doctorCmd) policyFiles(ctx context.Context) {
	switch {
	case c.Policies == "" && c.Town != "":
		c.ok("policies", say("デモの町の規則", "the policies of the demo town"))
	case c.Policies == "":
		c.warn("policies", say("規則の指定がないため、控えめな既定の規則を使います", "no policies are named: a cautious one is used"),
			say("dispatch/policies の見本を写し、町の規則を書いて --policies で指定してください", "copy one of dispatch/policies, write the town's rules and name the folder with --policies"))
	default:
		set, err := dispatch.LoadPolicies(serviceZone(), os.DirFS(c.Policies))
		if err != nil {
			c.fail("policies", say("読めません: %v", "cannot be read: %v", err), say("示された行を直してください", "put the line right that is named"))
			return
		}
		if err := c.putPolicies(ctx, set); err != nil {
			c.fail("policies", say("稼働中に登録された方針と合いません: %v", "they cannot be used with what was put while the service ran: %v", err),
				say("ファイルの期間を直してください", "put the dates of the files right"))
			return
		}
		c.ok("policies", say("%s の規則は正しく読めます", "those of %s can be used", c.Policies))
	}
}

// putPolicies tries the policies of the files with those that were put while the service ran.
func (c *doctorCmd) putPolicies(ctx context.Context, set *dispatch.PolicySet) error {
	if c.client == nil {
		return nil // told already, where it was asked for
	}
	ring, err := openRing(c.Data, c.keyFlags, planstore.NewDataKeys(c.client))
	if err != nil {
		return nil // told with the keys
	}
	store, err := planstore.New(c.client, ring, planstore.Config{})
	if err != nil {
		return err
	}
	areas, err := store.PolicyAreas(ctx)
	if err != nil {
		return err
	}
	return dispatch.NewPolicyBook(set, store, time.Now).Check(ctx, areas)
}

// keyFiles looks at what signs tokens and opens personal data, and at certificates.
func (c *doctorCmd) keyFiles(context.Context) {
	restore := say("バックアップから戻してください", "restore it from a backup")
	text, err := readSecret(filepath.Join(c.Data, tokenKeyFile))
	if err == nil {
		_, err = api.ParseTokenKey(text)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.warn("keys", say("認証トークンがまだありません", "no token was made yet"), say("swmaas admin token で作成してください", "make one with swmaas admin token"))
	case err != nil:
		c.fail("keys", say("トークンの鍵が使えません: %v", "the key of the tokens cannot be used: %v", err), restore)
		return
	}
	if _, err := readSecret(filepath.Join(c.Data, offerKeyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.fail("keys", say("予約候補の鍵が使えません: %v", "the key of the offers cannot be used: %v", err), restore)
		return
	}
	files, _ := filepath.Glob(filepath.Join(c.Data, "seal", "*.keys"))
	for _, file := range files {
		area, err := url.PathUnescape(strings.TrimSuffix(filepath.Base(file), ".keys"))
		if err == nil && c.client != nil {
			err = c.opens(area)
		}
		if err != nil {
			c.fail("keys", say("個人情報の鍵が使えません: %v", "a key of personal data cannot be used: %v", err), restore)
			return
		}
	}
	if c.certificate() {
		c.ok("keys", say("鍵は使えます(個人情報の鍵 %d 件)", "the keys can be used (%d of personal data)", len(files)))
	}
}

// opens opens the key file of an area and the data key of one person of it.
func (c *doctorCmd) opens(area string) error {
	keys := planstore.NewDataKeys(c.client)
	ring, err := openRing(c.Data, c.keyFlags, keys)
	if err != nil {
		return err
	}
	if _, err := ring.Lookup(area, "doctor", ""); err != nil { // the file is there, so this makes none
		return err
	}
	enough := errors.New("one is enough")
	err = keys.EachDataKey(context.Background(), area, func(person string, wrapped []byte) error {
		if len(wrapped) == 0 {
			return nil
		}
		return errors.Join(enough, ring.Prepare(area, []string{person}))
	})
	if joined, ok := err.(interface{ Unwrap() []error }); ok && errors.Is(err, enough) && len(joined.Unwrap()) == 1 {
		return nil
	}
	return err
}

// certificate looks at when the certificates end.
func (c *doctorCmd) certificate() bool {
	for _, file := range []string{c.TLSCert, filepath.Join(c.Data, certFile)} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		until, err := certificateEnds(text)
		if err != nil || time.Until(until) < 0 {
			c.fail("keys", say("証明書 %s が使えません(期限 %s)", "the certificate %s cannot be used (it ends %s)", file, until.Format(time.DateOnly)), say("新しい証明書を入れてください", "put a new one there"))
			return false
		}
		if time.Until(until) < 21*24*time.Hour {
			c.warn("keys", say("証明書 %s の期限は %s です", "the certificate %s ends on %s", file, until.Format(time.DateOnly)), say("更新してください", "renew it"))
			return false
		}
	}
	return true
}

func certificateEnds(text []byte) (time.Time, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return time.Time{}, errors.New("no PEM block")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, err
	}
	return leaf.NotAfter, nil
}

// areas looks at every town: fleet, calendar, today's and tomorrow's shifts, papers.
func (c *doctorCmd) areas(ctx context.Context) {
	if c.client == nil {
		return // told already
	}
	fleet, err := fleetstore.New(c.client, c.client, fleetstore.Config{})
	names := c.Area
	if err == nil && len(names) == 0 {
		names, err = fleet.Areas(ctx)
	}
	if err != nil {
		c.fail("areas", say("読めません: %v", "cannot be read: %v", err), words{})
		return
	}
	if len(names) == 0 {
		c.warn("areas", say("町がまだ登録されていません", "there is no town yet"), say("swmaas admin area new で作成してください", "make one with swmaas admin area new"))
	}
	for _, area := range names {
		c.area(ctx, fleet, area)
	}
}

func (c *doctorCmd) area(ctx context.Context, store *fleetstore.Store, area string) {
	fleet, err := store.Fleet(ctx, area)
	var calendar *vehicles.Calendar
	if err == nil {
		calendar, err = store.Calendar(ctx, area)
	}
	if err != nil {
		c.fail("areas", say("%s: 読めません: %v", "%s: cannot be read: %v", area, err), say("バックアップから戻してください", "restore a backup"))
		return
	}
	edit := say("swmaas admin area new --area %s で設定してください", "set it up with swmaas admin area new --area %s", area)
	if len(fleet.Vehicles) == 0 {
		c.fail("areas", say("%s: 車両がありません", "%s: it has no vehicles", area), edit)
		return
	}
	if calendar == nil {
		c.fail("areas", say("%s: 運行カレンダーがありません", "%s: it has no calendar", area), edit)
		return
	}
	calendar.Fleet = fleet
	today := vehicles.Date(time.Now().In(serviceZone()).Format(time.DateOnly))
	shifts := 0
	for k := range 7 {
		list, _ := calendar.Shifts(today.Add(k))
		shifts += len(list)
	}
	what := say("%s: 施設 %d、車両 %d、今後 7 日の勤務 %d", "%s: %d facilities, %d vehicles, %d shifts within a week", area, len(fleet.Facilities), len(fleet.Vehicles), shifts)
	over := calendar.Expiring(today, 30)
	switch {
	case shifts == 0:
		c.warn("areas", what, say("勤務がないため予約できません。カレンダーに勤務を入れてください", "nothing can be booked without shifts: put some into the calendar"))
	case len(over) > 0:
		c.warn("areas", what, say("30 日以内に切れる書類が %d 件あります: %s", "%d papers end within 30 days, the first: %s", len(over), over[0]))
	default:
		c.ok("areas", what)
	}
}

// backupStamp is a file of the data folder that a backup touches.
const backupStamp = "last-backup"

// backup looks at when the last one was made.
func (c *doctorCmd) backup(context.Context) {
	if _, err := os.Stat(c.Data); err != nil {
		return // told already
	}
	do := say("swmaas admin backup を毎日実行し、別の機械に保管してください", "run swmaas admin backup every day and keep it on another machine")
	info, err := os.Stat(filepath.Join(c.Data, backupStamp))
	if err != nil {
		c.warn("backup", say("バックアップがまだありません", "none was made yet"), do)
		return
	}
	age := time.Since(info.ModTime())
	what := say("最後のバックアップは %s です", "the last one was made %s", info.ModTime().In(serviceZone()).Format("2006-01-02 15:04"))
	if age > 8*24*time.Hour {
		c.warn("backup", what, do)
		return
	}
	c.ok("backup", what)
}
