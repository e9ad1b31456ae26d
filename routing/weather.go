package routing

import (
	"maps"
	"slices"
)

// Weather is a preset of slow-downs for the whole network.
type Weather uint8

// Weathers.
const (
	Clear Weather = iota
	Rain
	LightSnow
	HeavySnow
	numWeathers
)

var weatherNames = [numWeathers]string{"clear", "rain", "light snow", "heavy snow"}

// String returns the name that conditions files use, "unknown" outside the range.
func (w Weather) String() string {
	if w >= numWeathers {
		return "unknown"
	}
	return weatherNames[w]
}

// weatherEffect is what a weather does to roads.
type weatherEffect struct {
	factor         [numClasses]float64 // of the driving time, by road class; 0 closes
	closesSeasonal bool
}

// numClasses is the number of road classes, the length of every table by class.
const numClasses = int(Ferry) + 1

// weathers are judgement, not measurement: ploughed main roads lose least, narrow streets that are ploughed last lose
// most, and unploughed tracks are given up in heavy snow. Learned speeds of snowy days should replace them.
//
//	motorway, trunk, primary, secondary, tertiary, unclassified, residential, living street, service, track, pedestrian, ferry
var weathers = [numWeathers]weatherEffect{
	Clear:     {factor: [numClasses]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	Rain:      {factor: [numClasses]float64{1.05, 1.05, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.3, 1.1, 1}},
	LightSnow: {factor: [numClasses]float64{1.2, 1.2, 1.25, 1.25, 1.3, 1.4, 1.5, 1.5, 1.5, 2.5, 1.5, 1}, closesSeasonal: true},
	HeavySnow: {factor: [numClasses]float64{1.6, 1.6, 1.7, 1.8, 1.9, 2.2, 2.5, 2.5, 2.5, 0, 2.5, 1.5}, closesSeasonal: true},
}

// givenUp is the factor of roads that a weather closes where it holds in a part of the network only.
const givenUp = 100

// SlowDowns is what the weather does to the roads that touch an area, by class of road: a weather that holds there alone. A
// class that the weather closes is slowed until nobody chooses it.
func (w Weather) SlowDowns(area Area) []SlowDown {
	byFactor := map[float64][]RoadClass{}
	for class, f := range weathers[w].factor {
		if f == 0 {
			f = givenUp
		}
		if f != 1 {
			byFactor[f] = append(byFactor[f], RoadClass(class))
		}
	}
	out := make([]SlowDown, 0, len(byFactor))
	for _, f := range slices.Sorted(maps.Keys(byFactor)) {
		out = append(out, SlowDown{Factor: f, Classes: byFactor[f], Area: area})
	}
	return out
}

// ParseWeather returns the weather of a name that conditions files use.
func ParseWeather(name string) (Weather, bool) {
	i := slices.Index(weatherNames[:], name)
	return Weather(max(i, 0)), i >= 0
}
