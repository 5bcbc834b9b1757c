package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// Whoever asks during a query is answered by the next one, together with all
// others who asked meanwhile.
func TestLookUpsThatComeDuringAQueryShareTheNext(t *testing.T) {
	storetest.Each(t, sharing)
}

func sharing(t *testing.T, db *store.DB) {
	var rounds [][]int
	began, release := make(chan struct{}, 2), make(chan struct{})
	loader := store.NewLoader(db, func(_ context.Context, keys []int) (map[int]string, error) {
		rounds = append(rounds, slices.Clone(keys))
		began <- struct{}{}
		<-release
		found := map[int]string{}
		for _, key := range keys {
			if key > 0 {
				found[key] = "found"
			}
		}
		return found, nil
	})
	var asking sync.WaitGroup
	ask := func(key int, want bool) {
		asking.Go(func() {
			value, there, err := loader.Get(t.Context(), key)
			if err != nil || there != want || there && value != "found" {
				t.Errorf("key %d: %q, %v, %v", key, value, there, err)
			}
		})
	}
	ask(1, true)
	<-began
	for key := range 20 {
		ask(2+key, true)
	}
	ask(-1, false)
	loader.Waiting(t, 21)
	close(release)
	asking.Wait()
	if len(rounds) != 2 || len(rounds[1]) != 21 {
		t.Errorf("the queries were %v, want one for the first and one for all others", rounds)
	}
}

func TestAFailedQueryFailsThoseWhoSharedItOnly(t *testing.T) {
	storetest.Each(t, failing)
}

func failing(t *testing.T, db *store.DB) {
	fail := errors.New("no luck")
	loader := store.NewLoader(db, func(_ context.Context, keys []int) (map[int]int, error) {
		if keys[0] == 1 {
			return nil, fail
		}
		return map[int]int{keys[0]: 7}, nil
	})
	if _, _, err := loader.Get(t.Context(), 1); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	if value, there, err := loader.Get(t.Context(), 2); value != 7 || !there || err != nil {
		t.Errorf("got %d, %v, %v", value, there, err)
	}
}
