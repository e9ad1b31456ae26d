package api

import (
	"maps"
	"slices"
	"sync"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// Dependency is something that the service stands on.
type Dependency struct {
	Name   string // such as "redis"; the name under which gRPC's health service tells of it
	Up     bool
	Needed bool // without it nothing can be answered: the whole service is then not serving
}

// dependencies remembers how each was when last looked at.
type dependencies struct {
	mu   sync.Mutex
	last map[string]Dependency // guarded by mu
}

// SetHealth tells the service how a dependency is. Health, asked for the name of the dependency, answers that; asked for a
// service of the contract or for "", it answers whether everything needed is up. It is safe for concurrent use.
func (s *Server) SetHealth(d Dependency) {
	s.depends.mu.Lock()
	defer s.depends.mu.Unlock()
	s.depends.last[d.Name] = d
	s.health.SetServingStatus(d.Name, serving(d.Up))
	all := true
	for _, known := range s.depends.last {
		all = all && (known.Up || !known.Needed)
	}
	s.health.SetServingStatus("", serving(all))
	for _, service := range services() {
		s.health.SetServingStatus(service.ServiceName, serving(all))
	}
}

func serving(up bool) healthv1.HealthCheckResponse_ServingStatus {
	if up {
		return healthv1.HealthCheckResponse_SERVING
	}
	return healthv1.HealthCheckResponse_NOT_SERVING
}

// Health lists the dependencies by name, and whether everything needed is up.
func (s *Server) Health() (list []Dependency, ready bool) {
	s.depends.mu.Lock()
	defer s.depends.mu.Unlock()
	ready = true
	for _, name := range slices.Sorted(maps.Keys(s.depends.last)) {
		d := s.depends.last[name]
		list, ready = append(list, d), ready && (d.Up || !d.Needed)
	}
	return list, ready
}
