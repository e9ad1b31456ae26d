#!/bin/sh
# Writes the Go code of swmaas.v1 to api/gen, or to the folder given as an absolute path. It needs protoc (Debian:
# protobuf-compiler); the plugins and the imported .proto files come from the module's own pins. Run it from anywhere;
# `make proto` does.
set -eu
cd "$(dirname "$0")/../.."
imports=$(mktemp)
trap 'rm -f "$imports"' EXIT
go run api/proto/imports.go >"$imports"
out=${1:-api/gen}
rm -rf "$out"
mkdir -p "$out"
protoc --descriptor_set_in="$imports" --proto_path=api/proto \
	--plugin=protoc-gen-go="$(go tool -n protoc-gen-go)" --go_out="$out" --go_opt=paths=source_relative \
	--plugin=protoc-gen-go-grpc="$(go tool -n protoc-gen-go-grpc)" --go-grpc_out="$out" --go-grpc_opt=paths=source_relative \
	swmaas/v1/common.proto swmaas/v1/ride.proto swmaas/v1/booking.proto swmaas/v1/driver.proto swmaas/v1/fleet.proto swmaas/v1/council.proto
