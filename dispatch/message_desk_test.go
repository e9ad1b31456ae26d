package dispatch

import "testing"

// TestAMessageThatAnotherProcessTookIsFoundWhenItIsSentAgain sends to one desk and, as a device does that got no answer, to another one on the same store.
func TestAMessageThatAnotherProcessTookIsFoundWhenItIsSentAgain(t *testing.T) {
	one := newBench(t, 1)
	two := one.beside(t, 1)
	if _, err := two.Messages(t.Context(), "kurobe", testDay, MessageFilter{}); err != nil { // has read the day before anything was written
		t.Fatal(err)
	}
	draft := MessageDraft{Area: "kurobe", Day: testDay, Vehicle: "V-00", Text: "通行止め"}
	sent, revision, err := one.SendMessage(t.Context(), caller, draft, "m")
	if err != nil || sent.Message.Number != 1 {
		t.Fatalf("%+v, %v", sent, err)
	}
	again, seen, err := two.SendMessage(t.Context(), caller, draft, "m")
	if err != nil || again.ID != sent.ID || again.Text != draft.Text || seen != revision {
		t.Errorf("%+v at revision %d, %v; want %+v at %d", again, seen, err, sent, revision)
	}
}
