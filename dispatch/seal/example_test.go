package seal_test

import (
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/swmaas/swmaas/dispatch/seal"
)

func ExampleRing() {
	keys, err := os.MkdirTemp("", "keys-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(keys) }()
	ring, err := seal.New(keys, newMemory(), seal.Config{})
	if err != nil {
		log.Fatal(err)
	}
	box, err := ring.Seal("kurobe", "P-1", "home", []byte("三日市 1-2"))
	if err != nil {
		log.Fatal(err)
	}
	plain, err := ring.Open("kurobe", "P-1", "home", box)
	fmt.Println(string(plain), err)

	if err := ring.Erase("kurobe", "P-1"); err != nil {
		log.Fatal(err)
	}
	_, err = ring.Open("kurobe", "P-1", "home", box)
	fmt.Println("erased:", errors.Is(err, seal.ErrErased))
	// Output:
	// 三日市 1-2 <nil>
	// erased: true
}
