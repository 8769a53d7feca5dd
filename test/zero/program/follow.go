package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// The minimum that a proxy which discovers containers by their labels does: it listens to the engine's events (start,
// die, health_status), lists containers at most every 2 s, skips those that are not healthy, and tries each request once.
const throttle = 2 * time.Second

var engine = &http.Client{Transport: &http.Transport{
	DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "unix", "/docker.sock")
	},
}}

type container struct {
	Status          string
	NetworkSettings struct {
		Networks map[string]struct{ IPAddress string }
	}
}

// ask sends a GET request to the engine. The filters are JSON.
func ask(path, filters string) (*http.Response, error) {
	return engine.Get("http://engine" + path + "?filters=" + url.QueryEscape(filters))
}

func servers(filters string) ([]string, error) {
	answer, err := ask("/containers/json", filters)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var all []container
	if err := json.NewDecoder(answer.Body).Decode(&all); err != nil {
		return nil, err
	}
	var found []string
	for _, each := range all {
		if strings.Contains(each.Status, "unhealthy") || strings.Contains(each.Status, "starting") {
			continue
		}
		for _, network := range each.NetworkSettings.Networks {
			found = append(found, network.IPAddress+":8080")
		}
	}
	return found, nil
}

// follow forwards requests on port 8080 to the containers with the labels in LABELS (as `a=b,c=d`).
func follow() {
	labels, _ := json.Marshal(strings.Split(os.Getenv("LABELS"), ","))
	filters := fmt.Sprintf(`{"label":%s}`, labels)
	var known atomic.Pointer[[]string]
	changed := make(chan struct{}, 1)
	note := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	note()
	go func() {
		for range changed {
			if found, err := servers(filters); err == nil {
				known.Store(&found)
				log.Println("servers:", found)
			} else {
				log.Println(err)
			}
			time.Sleep(throttle)
		}
	}()
	go func() {
		for ; ; time.Sleep(time.Second) {
			answer, err := ask("/events", `{"type":["container"]}`)
			if err != nil {
				continue
			}
			note()
			for decoder := json.NewDecoder(answer.Body); ; {
				var event struct{ Action string }
				if decoder.Decode(&event) != nil {
					break
				}
				switch action, _, _ := strings.Cut(event.Action, ":"); action {
				case "start", "die", "health_status":
					note()
				}
			}
			answer.Body.Close()
		}
	}()
	var turn atomic.Uint64
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.Out.URL.Scheme = "http"
			if found := known.Load(); found != nil && len(*found) > 0 {
				request.Out.URL.Host = (*found)[turn.Add(1)%uint64(len(*found))]
			}
		},
	}
	panic(http.ListenAndServe(":8080", proxy))
}
