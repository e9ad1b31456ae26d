package dataset_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/swmaas/swmaas/testdata/dataset"
)

func TestPresentSetIsFoundAndLogged(t *testing.T) {
	folder, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	t.Setenv("SWMAAS_SHARED", folder)
	t.Setenv("SWMAAS_DATASETS_LOG", log)
	want := filepath.Join(folder, "set.csv")
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := dataset.Path(t, "set.csv"); got != want {
		t.Errorf("Path() = %s, want %s", got, want)
	}
	mustRead(t, log, "run set.csv\n")
}

func TestMissingSetSkipsTheTestAndIsLogged(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("SWMAAS_SHARED", t.TempDir())
	t.Setenv("SWMAAS_SHARED_REQUIRED", "")
	t.Setenv("SWMAAS_DATASETS_LOG", log)
	var skipped bool
	t.Run("test of a missing set", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		dataset.Path(t, "missing.csv")
	})
	if !skipped {
		t.Error("the test went on")
	}
	mustRead(t, log, "skipped missing.csv\n")
}

func TestDefaultFolderIsBesideTheModule(t *testing.T) {
	t.Setenv("SWMAAS_SHARED", "")
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := dataset.Folder(t), filepath.Join(dir, "..", "..", "..", "shared"); got != want {
		t.Errorf("Folder() = %s, want %s", got, want)
	}
}

func mustRead(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("log holds %q, %v; want %q", got, err, want)
	}
}
