package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// syncP99 appends and syncs 4 KiB again and again in a folder and returns what 99 of 100 stay within, in milliseconds.
func syncP99(dir string, times int) (p99 float64, err error) {
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	block := make([]byte, 4096)
	var took durations
	for range times {
		begin := time.Now()
		if _, err := file.Write(block); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return 0, err
		}
		took = append(took, time.Since(begin))
	}
	return took.ms(0.99), nil
}

// processorTime is what this process has used of all processors so far.
func processorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// durations is how long calls took.
type durations []time.Duration

// ms is the duration at a share of all, in milliseconds; 0 where there are none.
func (d durations) ms(share float64) float64 {
	if len(d) == 0 {
		return 0
	}
	return quantileMicros(d, share) / 1e3
}
