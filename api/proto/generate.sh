#!/bin/sh
# Checks the contract swmaas.v1 (buf lint, and buf breaking against the baseline) and writes what is made of it: Go to api/gen,
# TypeScript to api/gen/ts, the REST calls as OpenAPI to api/gen/openapi.json, and its reference to api/proto/README.md. With a
# folder (an absolute path) it writes the code there and changes nothing else, but fails where the reference is not current.
# `generate.sh --baseline` makes the contract as it is now the baseline of buf breaking.
# It needs protoc (Debian: protobuf-compiler) and what .ci/npm installs; the plugins and the imported .proto files come from
# pins of the module and of api/clients. Run it from anywhere; `make proto` does.
set -eu
cd "$(dirname "$0")/../.."
files=$(cd api/proto && LC_ALL=C ls swmaas/v1/*.proto)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.ci/npm
bin=api/clients/node_modules/.bin
go run api/proto/imports.go >"$work/imports"

# shellcheck disable=SC2086 # the list is meant to be split
compile() { protoc --descriptor_set_in="$work/imports" --proto_path=api/proto "$@" $files; }

compile --include_imports --include_source_info --descriptor_set_out="$work/set.binpb"
if [ "${1:-}" = --baseline ]; then
	compile --include_imports --descriptor_set_out=api/proto/baseline.binpb
	exit
fi
# The rules are those of buf.yaml; --path leaves out what is imported.
"$bin/buf" lint "$work/set.binpb" --config api/proto/buf.yaml --path swmaas
"$bin/buf" breaking "$work/set.binpb" --against api/proto/baseline.binpb --config api/proto/buf.yaml --path swmaas

go run api/proto/reference.go <"$work/set.binpb" >"$work/README.md"
if [ $# -eq 0 ]; then
	cp "$work/README.md" api/proto/README.md
else
	diff api/proto/README.md "$work/README.md"
fi

fresh=$work/gen
mkdir -p "$fresh/ts"
compile --plugin=protoc-gen-go="$(go tool -n protoc-gen-go)" --go_out="$fresh" --go_opt=paths=source_relative \
	--plugin=protoc-gen-go-grpc="$(go tool -n protoc-gen-go-grpc)" --go-grpc_out="$fresh" --go-grpc_opt=paths=source_relative
# shellcheck disable=SC2086
protoc --descriptor_set_in="$work/set.binpb" --plugin=protoc-gen-es="$bin/protoc-gen-es" --es_out="$fresh/ts" --es_opt=target=ts \
	$files buf/validate/validate.proto google/api/annotations.proto google/api/http.proto
go run api/proto/openapi.go <"$work/set.binpb" >"$fresh/openapi.json"
# Only now that all of it is there does it take the place of what was.
out=${1:-api/gen}
rm -rf "$out"
cp -R "$fresh" "$out"
