package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// runAsMain makes this test binary act as swmaas itself, so that a test can kill a real process.
const runAsMain = "SWMAAS_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runAsMain) == "1" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// service is a `swmaas serve` of its own process.
type service struct {
	cmd  *exec.Cmd
	addr string
	line string // the log line that said so
}

// startService starts `swmaas serve --town kurobe` on a data folder and waits until it serves.
func startService(t *testing.T, data string, flags ...string) *service {
	t.Helper()
	args := append([]string{"serve", "--town", "kurobe", "--data", data, "--listen", "127.0.0.1:0", "--rate", "100000", "--plan-at", "off"}, flags...)
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), runAsMain+"=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(stderr)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if _, rest, found := strings.Cut(lines.Text(), "msg=serving grpc="); found {
			addr, _, _ := strings.Cut(rest, " ")
			go func() {
				for lines.Scan() { // keep the pipe open, so that the service can log
				}
			}()
			return &service{cmd, addr, lines.Text()}
		}
	}
	t.Fatalf("the service did not start:\n%s", strings.Join(said, "\n"))
	return nil
}

// kill ends the engine as a power cut would, and with store the private Redis as well.
func (s *service) kill(t *testing.T, data string, store bool) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait()
	if store {
		killRedis(t, data)
	}
}

// killRedis kills both private Redis children of a data folder.
func killRedis(t *testing.T, data string) {
	t.Helper()
	for _, child := range []string{"redis", "live"} {
		text, err := os.ReadFile(filepath.Join(data, child, "redis.pid"))
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(pid, syscall.SIGKILL)
		for until := time.Now().Add(30 * time.Second); alive(pid); time.Sleep(20 * time.Millisecond) { // until the kernel has let go of the lock
			if time.Now().After(until) {
				t.Fatalf("process %d outlives its kill", pid)
			}
		}
	}
}

// alive reports whether a process is there and runs: one that has ended and whose end nobody has asked for holds no lock.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(text), ") ")
	return err != nil || !strings.HasPrefix(after, "Z")
}

// openDay is the first day, at least ahead days after the given one, on which the demo town serves: at the turn of the year it does not.
func openDay(t *testing.T, from time.Time, ahead int) time.Time {
	t.Helper()
	policies, err := dispatch.KurobePolicies(serviceZone())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 30 {
		d := from.AddDate(0, 0, ahead+n)
		day := dispatch.Day(d.Format(time.DateOnly))
		if p := policies.At(town.Area, day); p != nil && p.Serves(day) {
			return d
		}
	}
	t.Fatalf("the town serves on no day after %s", from.Format(time.DateOnly))
	return time.Time{}
}

func TestTheDayOfATestIsOneOnWhichTheTownServes(t *testing.T) {
	for from, want := range map[string]string{"2026-12-29": "2026-12-30", "2026-12-30": "2027-01-03", "2027-01-01": "2027-01-03", "2027-01-02": "2027-01-03"} {
		day, err := time.ParseInLocation(time.DateOnly, from, serviceZone())
		if err != nil {
			t.Fatal(err)
		}
		if got := openDay(t, day, 1).Format(time.DateOnly); got != want {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
}

// caller books rides over gRPC as an operator.
type caller struct {
	booking swmaasv1.BookingClient
	ctx     context.Context
	day     string
}

// dial returns a caller of its own connection, for tomorrow or the first day after it on which the town serves.
func dial(t *testing.T, addr, data string) *caller { return dialAs(t, addr, data, "operator") }

// dialAs returns a caller whose events bear the subject.
func dialAs(t *testing.T, addr, data, subject string) *caller {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	code, token, errOut := runMain(t, "admin", "token", "--data", data, "--area", string(town.Area), "--role", "operator", "--subject", subject)
	if code != exitDone {
		t.Fatalf("token: exit %d\n%s", code, errOut)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.TrimSpace(token))
	return &caller{swmaasv1.NewBookingClient(conn), ctx, openDay(t, time.Now().In(serviceZone()), 1).Format(time.DateOnly)}
}

// book asks for a ride between two places of the town and books the first offer. It returns the ride's id; an error is what a
// killed service leaves.
func (c *caller) book(tn *town.Town, n int, rng *rand.Rand) (id string, err error) {
	token, err := c.offer(tn, rng)
	if err != nil || token == "" {
		return "", err
	}
	return c.take(token, fmt.Sprint("call-", n))
}

// take books an offer; the id is empty where the offer is gone.
func (c *caller) take(token, key string) (id string, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, 30*time.Second)
	defer cancel()
	reply, err := c.booking.Book(ctx, &swmaasv1.BookRequest{Area: string(town.Area), IdempotencyKey: key, OfferToken: token})
	if err != nil {
		return "", err
	}
	return reply.GetRide().GetId(), nil
}

// cancel calls a ride off.
func (c *caller) cancel(ride, key string) error {
	ctx, cancel := context.WithTimeout(c.ctx, 30*time.Second)
	defer cancel()
	_, err := c.booking.CancelRide(ctx, &swmaasv1.CancelRideRequest{Area: string(town.Area), RideId: ride, IdempotencyKey: key, Reason: "CHANGED_MY_MIND", Scope: swmaasv1.CancelScope_CANCEL_SCOPE_RIDE})
	return err
}

// offer asks for a random ride of the town's and returns the first offer's token, or nothing where there is none.
func (c *caller) offer(tn *town.Town, rng *rand.Rand) (token string, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, 30*time.Second)
	defer cancel()
	call := &tn.Calls[rng.IntN(len(tn.Calls))]
	midnight, err := time.ParseInLocation(time.DateOnly, c.day, time.FixedZone("JST", 9*3600))
	if err != nil {
		return "", err
	}
	from := midnight.Add(time.Duration(9*60+rng.IntN(6*60)) * time.Minute)
	quote, err := c.booking.Quote(ctx, &swmaasv1.QuoteRequest{
		Area: string(town.Area), ServiceDate: c.day, RiderId: string(call.Rider), Party: &swmaasv1.Party{Seats: 1},
		Pickup:  &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: call.Pickup.At.Lat, Lng: call.Pickup.At.Lng}},
		Dropoff: &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: call.Dropoff.At.Lat, Lng: call.Dropoff.At.Lng}},
		Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{
			Earliest: timestamppb.New(from), Latest: timestamppb.New(from.Add(2 * time.Hour)),
		}}},
	})
	if err != nil || len(quote.Offers) == 0 {
		return "", err
	}
	return quote.Offers[0].Token, nil
}
