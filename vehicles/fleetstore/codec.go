package fleetstore

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// A stored position is
//
//	byte 0       layout version, 1
//	bytes 1-8    Seen in microseconds since 1970, big-endian
//	bytes 9-16   cell, big-endian
//	bytes 17-32  latitude and longitude as float64 bits, big-endian: kept whole, so that the point stays in its cell
//	bytes 33-34  speed in hundredths of a km/h
//	bytes 35-36  heading in hundredths of a degree
//	bytes 37-    vehicle id
//
// and a stored status report is
//
//	byte 0       layout version, 1
//	bytes 1-8    Seen in microseconds since 1970, big-endian
//	byte 9       status
//
// The scripts read bytes 1-16 of the one, 1-8 of the other, and the id (they count from 1); those stay where they are in
// every layout. A position of an id of up to 27 bytes fits in the 64 that Redis packs small hashes with.
const (
	positionVersion = 1
	positionHeader  = 37
	statusVersion   = 1
	statusBytes     = 10
	maxIDBytes      = 64
	maxSpeedKmh     = 500
)

// A moment is stored as microseconds from 1970 to 2255, which a Lua number holds exactly.
const maxMicros = 1<<53 - 1

func storable(moment time.Time) bool {
	return moment.Unix() > 0 && moment.Unix() < maxMicros/1_000_000
}

func encodePosition(p vehicles.Position, cell vehicles.CellID) []byte {
	b := make([]byte, 0, positionHeader+len(p.Vehicle))
	b = append(b, positionVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(p.Seen.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(cell))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.At.Lat))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.At.Lng))
	b = binary.BigEndian.AppendUint16(b, uint16(math.Round(p.SpeedKmh*100)))
	b = binary.BigEndian.AppendUint16(b, uint16(math.Round(p.Heading*100)))
	return append(b, p.Vehicle...)
}

// decodePosition reads a stored position; its Seen is in UTC. It fails with a *DamagedError.
func decodePosition(raw string) (vehicles.Position, error) {
	if len(raw) <= positionHeader || raw[0] != positionVersion {
		return vehicles.Position{}, damaged("position", raw)
	}
	var head [positionHeader]byte
	copy(head[:], raw)
	p := vehicles.Position{
		Vehicle: vehicles.VehicleID(raw[positionHeader:]),
		Seen:    time.UnixMicro(int64(binary.BigEndian.Uint64(head[1:]))).UTC(),
		At: geo.LatLng{
			Lat: math.Float64frombits(binary.BigEndian.Uint64(head[17:])),
			Lng: math.Float64frombits(binary.BigEndian.Uint64(head[25:])),
		},
		SpeedKmh: float64(binary.BigEndian.Uint16(head[33:])) / 100,
		Heading:  float64(binary.BigEndian.Uint16(head[35:])) / 100,
	}
	if !p.At.Valid() {
		return vehicles.Position{}, &DamagedError{"position", "it lies outside the globe"}
	}
	return p, nil
}

func encodeStatus(r vehicles.StatusReport) []byte {
	b := make([]byte, 0, statusBytes)
	b = append(b, statusVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seen.UnixMicro()))
	return append(b, byte(r.Status))
}

// decodeStatus reads a stored status report; its Seen is in UTC. It fails with a *DamagedError.
func decodeStatus(id, raw string) (vehicles.StatusReport, error) {
	if len(raw) != statusBytes || raw[0] != statusVersion || vehicles.Status(raw[9]) > vehicles.OutOfOrder {
		return vehicles.StatusReport{}, damaged("status", raw)
	}
	seen := int64(binary.BigEndian.Uint64([]byte(raw[1:9])))
	return vehicles.StatusReport{
		Vehicle: vehicles.VehicleID(id), Status: vehicles.Status(raw[9]), Seen: time.UnixMicro(seen).UTC(),
	}, nil
}

// damaged says what can be said of a value without repeating it.
func damaged(what, raw string) error {
	if raw == "" {
		return &DamagedError{what, "it is empty"}
	}
	return &DamagedError{what, fmt.Sprintf("%d bytes of layout %d", len(raw), raw[0])}
}
