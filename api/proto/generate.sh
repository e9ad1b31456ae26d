#!/bin/sh
# Checks the contract swmaas.v1 and writes its Go code to api/gen and its reference to api/proto/README.md. With a folder
# (an absolute path) it writes the Go code there and changes nothing else, but fails where the reference is not current.
# It needs protoc (Debian: protobuf-compiler); the plugins and the imported .proto files come from the module's own pins.
# Run it from anywhere; `make proto` does.
set -eu
cd "$(dirname "$0")/../.."
files=$(cd api/proto && LC_ALL=C ls swmaas/v1/*.proto)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go run api/proto/imports.go >"$work/imports"

# shellcheck disable=SC2086 # the list is meant to be split
protoc --descriptor_set_in="$work/imports" --proto_path=api/proto --include_imports --include_source_info \
	--descriptor_set_out="$work/set" $files
go run api/proto/reference.go <"$work/set" >"$work/README.md"
if [ $# -eq 0 ]; then
	cp "$work/README.md" api/proto/README.md
else
	diff api/proto/README.md "$work/README.md"
fi

out=${1:-api/gen}
rm -rf "$out"
mkdir -p "$out"
# shellcheck disable=SC2086
protoc --descriptor_set_in="$work/imports" --proto_path=api/proto \
	--plugin=protoc-gen-go="$(go tool -n protoc-gen-go)" --go_out="$out" --go_opt=paths=source_relative \
	--plugin=protoc-gen-go-grpc="$(go tool -n protoc-gen-go-grpc)" --go-grpc_out="$out" --go-grpc_opt=paths=source_relative \
	$files
