package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
)

// registerFiles gives the service the register of a running engine as the files of the command line.
type registerFiles struct{ *engine }

func (f registerFiles) of(area dispatch.AreaID) *registerStore {
	return &registerStore{area: area, riders: f.riders, records: f.places, plans: f.plans}
}

// Import implements api.Files.
func (f registerFiles) Import(ctx context.Context, area dispatch.AreaID, actor string, of api.FileOf, file io.Reader, dryRun bool) (api.Imported, error) {
	s, name := f.of(area), "import.csv"
	result, err := imported{}, error(nil)
	if of == api.PlacesFile {
		result, err = s.importPlaces(ctx, name, file, dryRun)
	} else {
		result, err = s.importRiders(ctx, actor, name, file, dryRun)
	}
	if errors.Is(err, dayfile.ErrBadFile) {
		return api.Imported{}, fmt.Errorf("%w: chunk: %w", api.ErrRequest, err)
	}
	out := api.Imported{Taken: result.taken, Added: result.added}
	if of == api.PlacesFile && len(result.rejected) > 0 {
		out.Taken = 0
	}
	for _, r := range result.rejected {
		out.Rejected = append(out.Rejected, api.RejectedLine{Line: r.Line, Reason: r.String()})
	}
	return out, err
}

// Export implements api.Files.
func (f registerFiles) Export(ctx context.Context, area dispatch.AreaID, of api.FileOf, rider dispatch.RiderID, w io.Writer) (err error) {
	c, s := &adminExportCmd{Rider: string(rider)}, f.of(area)
	switch of {
	case api.RidersFile:
		_, err = c.riders(ctx, s, w)
	case api.PlacesFile:
		_, err = c.places(ctx, s, w)
	case api.RidesFile:
		_, err = c.rides(ctx, s, w)
	case api.ChangesFile:
		_, err = c.log(ctx, s, w)
	}
	return err
}
