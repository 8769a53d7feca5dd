package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// serve responds with PAGE on ports 8080 and 8081 after BOOT milliseconds. MODE is graceful (on SIGTERM it closes its
// listeners and finishes the open requests), abrupt (it exits at once), crash (it exits after BOOT) or sick (it never
// becomes healthy). If ONLY is the ROLE of another service, the mode is graceful.
func serve() {
	mode, page := os.Getenv("MODE"), os.Getenv("PAGE")
	if only := os.Getenv("ONLY"); only != "" && only != os.Getenv("ROLE") {
		mode = "graceful"
	}
	boot, _ := strconv.Atoi(os.Getenv("BOOT"))
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	time.Sleep(time.Duration(boot) * time.Millisecond)
	if mode == "crash" {
		fmt.Fprintln(os.Stderr, "crashed on purpose")
		os.Exit(3)
	}
	handler := http.NewServeMux()
	handler.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, page) })
	handler.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {
		if mode == "sick" {
			http.Error(w, "sick on purpose", http.StatusServiceUnavailable)
		}
	})
	handler.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(1500 * time.Millisecond)
		fmt.Fprint(w, page)
	})
	server := &http.Server{Handler: handler}
	for _, port := range []string{"8080", "8081"} {
		listener, err := net.Listen("tcp", ":"+port)
		if err != nil {
			panic(err)
		}
		go server.Serve(listener)
	}
	<-stop
	if mode == "graceful" {
		limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(limit)
	}
}

// leaving is a file that makes the healthcheck fail. It disappears when the container restarts.
const leaving = "/dev/shm/leaving"

func health() {
	if _, err := os.Stat(leaving); err == nil {
		os.Exit(1)
	}
	response, err := http.Get("http://127.0.0.1:8080/health")
	if err != nil || response.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}

func main() {
	switch os.Args[1] {
	case "serve":
		serve()
	case "health":
		health()
	case "leave":
		os.WriteFile(leaving, nil, 0o600)
	case "proxy":
		proxy(os.Args[2])
	case "load":
		load(os.Args[2:])
	case "follow":
		follow()
	case "sleep":
		time.Sleep(time.Hour)
	}
}
