package town

import (
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

// terrain is what roads have to respect and where the main roads go. It is drawn by hand between the real towns, to a few
// hundred metres: plausible, and not a survey.
type terrain struct {
	coast     []metres // from south to north; land lies to the east
	rivers    [][]metres
	bridges   []bridge
	corridors []corridor
}

// bridge is a place where a river may be crossed.
type bridge struct {
	name string
	at   metres
}

// corridor is a main road: it follows streets from waypoint to waypoint.
type corridor struct {
	name   string
	kind   kind
	points []metres
}

// kind is the attributes that roads of a rank share.
type kind struct {
	class  routing.RoadClass
	kmh    float64 // average driving speed with signals and snow at the roadside
	widthM float64
}

// The kinds of road, the fastest first. The speeds are what such roads of a small Japanese town give in winter.
func national() kind   { return kind{routing.Trunk, 48, 9} }
func valley() kind     { return kind{routing.Primary, 44, 7} }
func prefecture() kind { return kind{routing.Secondary, 38, 6.5} }
func connecting() kind { return kind{routing.Tertiary, 33, 5.5} }
func mountain() kind   { return kind{routing.Tertiary, 27, 4.5} }
func street() kind     { return kind{routing.Residential, 21, 4} }

func kurobeTerrain() terrain {
	return terrain{
		coast: line(
			[2]float64{36.8400, 137.4060}, [2]float64{36.8600, 137.4112}, [2]float64{36.8650, 137.4146}, [2]float64{36.8700, 137.4168},
			[2]float64{36.8800, 137.4184}, [2]float64{36.8880, 137.4140}, [2]float64{36.8940, 137.4100}, [2]float64{36.9000, 137.4086},
			[2]float64{36.9050, 137.4150}, [2]float64{36.9150, 137.4215},
		),
		rivers: [][]metres{
			line( // the Kurobe
				[2]float64{36.9240, 137.4250}, [2]float64{36.9130, 137.4385}, [2]float64{36.9040, 137.4530}, [2]float64{36.8970, 137.4840},
				[2]float64{36.8910, 137.5000}, [2]float64{36.8790, 137.5250}, [2]float64{36.8740, 137.5380}, [2]float64{36.8680, 137.5450},
				[2]float64{36.8620, 137.5470}, [2]float64{36.8560, 137.5560}, [2]float64{36.8450, 137.5615}, [2]float64{36.8380, 137.5610},
				[2]float64{36.8290, 137.5680}, [2]float64{36.8220, 137.5810}, [2]float64{36.8175, 137.5880}, [2]float64{36.8080, 137.5905},
				[2]float64{36.7800, 137.6000},
			),
			line( // the Fuse
				[2]float64{36.8600, 137.4060}, [2]float64{36.8580, 137.4180}, [2]float64{36.8545, 137.4280}, [2]float64{36.8500, 137.4370},
				[2]float64{36.8455, 137.4470}, [2]float64{36.8425, 137.4550}, [2]float64{36.8385, 137.4650}, [2]float64{36.8360, 137.4720},
				[2]float64{36.8340, 137.4840}, [2]float64{36.8305, 137.4950}, [2]float64{36.8250, 137.5060}, [2]float64{36.8205, 137.5180},
				[2]float64{36.8180, 137.5300},
			),
		},
		bridges: []bridge{
			{"黒部川一号橋（愛本）", at(36.8650, 137.5460)},
			{"黒部川二号橋（音沢）", at(36.8390, 137.5611)},
			{"布施川一号橋（山田）", at(36.8470, 137.4436)},
			{"布施川二号橋（東布施）", at(36.8342, 137.4828)},
			{"布施川三号橋（田籾）", at(36.8250, 137.5060)},
		},
		corridors: []corridor{
			{"国道8号", national(), line([2]float64{36.8562, 137.4267}, [2]float64{36.8597, 137.4370}, [2]float64{36.8665, 137.4440},
				[2]float64{36.8736, 137.4610}, [2]float64{36.8846, 137.4640}, [2]float64{36.8936, 137.4622}, [2]float64{36.8985, 137.4580})},
			{"谷街道", valley(), line([2]float64{36.8720, 137.4500}, [2]float64{36.8677, 137.4655}, [2]float64{36.8711, 137.4820},
				[2]float64{36.8730, 137.4941}, [2]float64{36.8658, 137.5100}, [2]float64{36.8639, 137.5170}, [2]float64{36.8588, 137.5395},
				[2]float64{36.8478, 137.5574}, [2]float64{36.8323, 137.5567}, [2]float64{36.8163, 137.5827}, [2]float64{36.8148, 137.5861})},
			{"海岸道路", prefecture(), line([2]float64{36.8603, 137.4154}, [2]float64{36.8691, 137.4194}, [2]float64{36.8809, 137.4213},
				[2]float64{36.8907, 137.4197}, [2]float64{36.8983, 137.4145}, [2]float64{36.9056, 137.4259}, [2]float64{36.9134, 137.4242})},
			{"生地街道", prefecture(), line([2]float64{36.8720, 137.4500}, [2]float64{36.8803, 137.4385}, [2]float64{36.8847, 137.4257},
				[2]float64{36.8919, 137.4191})},
			{"大布施道", prefecture(), line([2]float64{36.8744, 137.4487}, [2]float64{36.8867, 137.4430}, [2]float64{36.8980, 137.4388},
				[2]float64{36.9061, 137.4437})},
			{"石田道", prefecture(), line([2]float64{36.8720, 137.4500}, [2]float64{36.8675, 137.4326}, [2]float64{36.8670, 137.4191})},
			{"布施谷道", prefecture(), line([2]float64{36.8665, 137.4440}, [2]float64{36.8538, 137.4382}, [2]float64{36.8473, 137.4535},
				[2]float64{36.8392, 137.4755}, [2]float64{36.8355, 137.4839}, [2]float64{36.8351, 137.4973}, [2]float64{36.8265, 137.5146})},
			{"前沢道", connecting(), line([2]float64{36.8661, 137.4574}, [2]float64{36.8560, 137.4734}, [2]float64{36.8448, 137.4810},
				[2]float64{36.8373, 137.4798})},
			{"若栗道", connecting(), line([2]float64{36.8846, 137.4640}, [2]float64{36.8789, 137.4709}, [2]float64{36.8776, 137.4963})},
			{"右岸道", connecting(), line([2]float64{36.8816, 137.5468}, [2]float64{36.8699, 137.5529}, [2]float64{36.8625, 137.5615},
				[2]float64{36.8385, 137.5650}, [2]float64{36.8207, 137.5889})},
			{"愛本道", connecting(), line([2]float64{36.8588, 137.5395}, [2]float64{36.8663, 137.5503})},
			{"音沢道", connecting(), line([2]float64{36.8323, 137.5567}, [2]float64{36.8385, 137.5650})},
			{"山田道", connecting(), line([2]float64{36.8538, 137.4382}, [2]float64{36.8467, 137.4415})},
			{"東布施道", connecting(), line([2]float64{36.8355, 137.4839}, [2]float64{36.8318, 137.4873})},
			{"池尻道", mountain(), line([2]float64{36.8265, 137.5146}, [2]float64{36.8240, 137.5081}, [2]float64{36.8153, 137.5165})},
			{"山道", mountain(), line([2]float64{36.8265, 137.5146}, [2]float64{36.8160, 137.5321}, [2]float64{36.8174, 137.5448})},
		},
	}
}

func at(lat, lng float64) metres { return onPlane(geo.LatLng{Lat: lat, Lng: lng}) }

// wet reports whether a river runs between two points.
func (t *terrain) wet(a, b metres) bool {
	for _, r := range t.rivers {
		for i := 1; i < len(r); i++ {
			if crosses(a, b, r[i-1], r[i]) {
				return true
			}
		}
	}
	return false
}

// sea reports whether a point lies west of the coast or beyond its ends.
func (t *terrain) sea(p metres) bool {
	if p.y >= t.coast[len(t.coast)-1].y {
		return true
	}
	for i := 1; i < len(t.coast); i++ {
		if a, b := t.coast[i-1], t.coast[i]; a.y <= p.y && p.y < b.y {
			return b.minus(a).cross(p.minus(a)) >= 0
		}
	}
	return false
}
