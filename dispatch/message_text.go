package dispatch

import (
	"context"
	"fmt"
)

// CannedText is a message that is sent with one tap (定型文). Codes are stored and part of the contract; the words may change.
type CannedText struct {
	Code           string
	Office, Driver bool // who may send it
	Minutes        bool // it speaks of a number of minutes
	Say            Sentences
}

// CannedTexts lists them all, in the order in which they are offered.
func CannedTexts() []CannedText {
	const office, driver = true, true
	return []CannedText{
		{"UNDERSTOOD", office, driver, false, Sentences{"了解しました。", "Understood."}},
		{"CALL_OFFICE", office, !driver, false, Sentences{"安全な場所に停めて、事務所に電話してください。", "Stop where it is safe and call the office."}},
		{"WAIT_THERE", office, !driver, false, Sentences{"そのままお待ちください。あらためて連絡します。", "Wait where you are. We will be in touch."}},
		{"GO_ON", office, !driver, false, Sentences{"予定どおり進んでください。", "Go on as planned."}},
		{"MANIFEST_CHANGED", office, !driver, false, Sentences{"運行表が変わりました。次の停車のときに確かめてください。", "Your manifest has changed. Look at it at your next stop."}},
		{"READY_LATE", office, !driver, true, Sentences{"次の方のお支度が約%d分遅れます。", "The next rider will be ready about %d min late."}},
		{"COME_BACK", office, !driver, false, Sentences{"車庫に戻ってください。", "Come back to the garage."}},
		{"SLIPPERY", office, !driver, false, Sentences{"路面が滑りやすくなっています。急がず走ってください。", "Roads are slippery. Take your time."}},
		{"RUNNING_LATE", !office, driver, true, Sentences{"約%d分遅れています。", "I am about %d min late."}},
		{"NOT_READY", !office, driver, true, Sentences{"お支度がまだで、約%d分かかりそうです。", "The rider is not ready; it will take about %d min."}},
		{"CALL_ME", !office, driver, false, Sentences{"電話をください。", "Call me, please."}},
		{"ROAD_BLOCKED", !office, driver, false, Sentences{"道路が通れません。", "The road is blocked."}},
		{"PLACE_NOT_FOUND", !office, driver, false, Sentences{"お迎えの場所が見つかりません。", "I cannot find the pickup place."}},
		{"RIDER_UNWELL", !office, driver, false, Sentences{"利用者の体調が気になります。", "I am worried about how the rider feels."}},
		{"NEED_HELP", !office, driver, false, Sentences{"乗り降りの手伝いが必要です。", "I need help with boarding."}},
		{"FUEL", !office, driver, false, Sentences{"給油に寄ります。", "I stop for fuel."}},
	}
}

// CannedTexts lists the texts of an area, which every area has alike.
func (d *Desk) CannedTexts(context.Context, AreaID) ([]CannedText, error) { return CannedTexts(), nil }

// cannedText is the text of a code, or nil.
func cannedText(code string) *CannedText {
	for _, t := range CannedTexts() {
		if t.Code == code {
			return &t
		}
	}
	return nil
}

// say is the text with its minutes.
func (t *CannedText) say(minutes int32) Sentences {
	if !t.Minutes {
		return t.Say
	}
	return Sentences{fmt.Sprintf(t.Say.Ja, minutes), fmt.Sprintf(t.Say.En, minutes)}
}
