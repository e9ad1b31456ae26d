package architecture

import "strings"

// module is the import path of this module.
const module = "github.com/swmaas/swmaas"

// rule says what the packages that match pkg may import. A package obeys the first rule that matches it.
//
// Patterns are import paths (below the module for pkg and project). A final "/..." matches the path itself and
// everything below it; "..." alone matches everything.
type rule struct {
	pkg        string
	project    []string // packages of this module
	thirdParty []string // packages of other modules
	noStandard []string // packages of the standard library that it may not use; every other is free
}

// leaf is the one shared package: everyone may import it but the strict cores.
const leaf = "routing/geo"

// strictCores import no package of this module but their own, the leaf included.
var strictCores = []string{"dispatch/solver", "dispatch/solver/...", "routing/cch", "routing/geo"}

// table is the import table of ARCHITECTURE.md.
var table = []rule{
	{pkg: "cmd/swmaas/redisd/aof"}, // testdata/redistest stands on it
	// Flags, files, wiring, signals. cmd/swmaas/architecture needs no row of its own.
	{pkg: "cmd/...", project: []string{"..."}, thirdParty: []string{"..."}},

	{pkg: "api/gen/...", thirdParty: grpcAndKin},
	{pkg: "api/export", project: []string{"dispatch", "vehicles"}, thirdParty: []string{"github.com/arran4/golang-ical", "github.com/xuri/excelize/v2"}},
	{pkg: "api/line", project: []string{"dispatch", "vehicles"}, thirdParty: []string{"github.com/line/line-bot-sdk-go/v8/..."}},
	{pkg: "api/voice", project: []string{"dispatch", "vehicles"}},
	{pkg: "api/console"},
	{
		pkg:     "api",
		project: []string{"api/gen/...", "api/console", "dispatch", "vehicles", "routing"},
		thirdParty: append([]string{
			"github.com/coreos/go-oidc/v3/...", "github.com/golang-jwt/jwt/v5", "connectrpc.com/vanguard/...", "connectrpc.com/connect",
			"github.com/prometheus/client_golang/...", "go.opentelemetry.io/...", "golang.org/x/crypto/argon2",
		}, grpcAndKin...),
	},

	{
		pkg: "dispatch/solver", noStandard: []string{
			"bufio", "context", "database/...", "io/...", "log/...", "net/...", "os/...", "time",
		},
	},
	{pkg: "dispatch/solver/instance", project: []string{"dispatch/solver"}},
	{pkg: "dispatch/seal", thirdParty: []string{"github.com/tink-crypto/tink-go/v2/..."}},
	{pkg: "dispatch/dayfile", project: []string{"dispatch", "vehicles"}, thirdParty: []string{"golang.org/x/text/...", "github.com/ikawaha/kagome/v2/...", "github.com/ikawaha/kagome-dict/..."}},
	{pkg: "dispatch/records", project: []string{"dispatch", "vehicles"}},
	{pkg: "dispatch/sim/town", project: []string{"dispatch", "vehicles", "routing", "testdata/kurobe"}},
	{pkg: "dispatch/sim", project: []string{"dispatch", "dispatch/sim/town", "vehicles", "routing"}},
	{
		pkg:        "dispatch/planstore",
		project:    []string{"dispatch", "vehicles", "vehicles/cells"},
		thirdParty: []string{"github.com/redis/go-redis/v9/..."},
	},
	{
		pkg:        "dispatch",
		project:    []string{"vehicles", "routing", "dispatch/solver"},
		thirdParty: []string{"golang.org/x/text/...", "github.com/nyaruka/phonenumbers", "github.com/rickar/cal/v2/..."},
	},

	{pkg: "vehicles/fleetstore", project: []string{"vehicles", "vehicles/cells"}, thirdParty: []string{"github.com/redis/go-redis/v9/..."}},
	{pkg: "vehicles/cells", project: []string{"vehicles"}, thirdParty: []string{"github.com/uber/h3-go/v4"}},
	{pkg: "vehicles"},

	{pkg: "routing/osm", thirdParty: []string{"github.com/paulmach/osm/..."}},
	{pkg: "routing/cch"},
	{pkg: "routing/geo"},
	{pkg: "routing", project: []string{"routing/cch", "routing/osm"}, thirdParty: []string{"github.com/paulmach/orb/..."}},

	{pkg: "testdata/kurobe"},
	{pkg: "testdata/dataset"},
	{pkg: "testdata/redistest", project: []string{"cmd/swmaas/redisd/aof"}, thirdParty: []string{"github.com/redis/go-redis/v9/..."}},
}

// grpcAndKin are the packages that gRPC, protobuf and their usual companions come in.
var grpcAndKin = []string{
	"google.golang.org/grpc/...", "google.golang.org/protobuf/...", "google.golang.org/genproto/...",
	"buf.build/...", "github.com/grpc-ecosystem/...",
}

// matches reports whether an import path matches a pattern.
func matches(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	if prefix, all := strings.CutSuffix(pattern, "/..."); all {
		return path == prefix || strings.HasPrefix(path, prefix+"/")
	}
	return path == pattern
}

// matchesAny reports whether an import path matches one of the patterns.
func matchesAny(patterns []string, path string) bool {
	for _, pattern := range patterns {
		if matches(pattern, path) {
			return true
		}
	}
	return false
}
