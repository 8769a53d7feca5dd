package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	pace     = 20 * time.Millisecond
	patience = 20 * time.Second
	boot     = 20 * time.Second
)

// tally counts the results of the requests of one kind to one address. Stale counts requests on a kept connection that
// was closed before any byte of the response; every browser retries these on a new connection.
type tally struct {
	Address string         `json:"address"`
	Kind    string         `json:"kind"`
	Total   int            `json:"total"`
	Stale   int            `json:"stale"`
	Lost    map[string]int `json:"lost"`
	// First and Last are the times of the first and the last lost request, in seconds since the epoch. Gap is the longest
	// time between two responses, in milliseconds.
	First  float64        `json:"first,omitempty"`
	Last   float64        `json:"last,omitempty"`
	Gap    int64          `json:"gap"`
	Pages  map[string]int `json:"pages"`
	lock   sync.Mutex
	answer time.Time
}

func (t *tally) note(page, lost string, stale bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.Total++
	now := time.Now()
	if stale {
		t.Stale++
	}
	if lost != "" {
		t.Lost[lost]++
		t.Last = float64(now.UnixMilli()) / 1000
		if t.First == 0 {
			t.First = t.Last
		}
		return
	}
	t.Pages[page]++
	if gap := now.Sub(t.answer).Milliseconds(); !t.answer.IsZero() && gap > t.Gap {
		t.Gap = gap
	}
	t.answer = now
}

type line struct {
	conn   net.Conn
	reader *bufio.Reader
}

func dial(address string) (*line, string) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, "connect: " + reason(err)
	}
	return &line{conn, bufio.NewReader(conn)}, ""
}

// ask sends one request. begun reports whether any byte of the response arrived.
func (l *line) ask(path string) (page, lost string, begun bool) {
	l.conn.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(l.conn, "GET %s HTTP/1.1\r\nHost: zero\r\n\r\n", path); err != nil {
		return "", "write: " + reason(err), false
	}
	if _, err := l.reader.Peek(1); err != nil {
		return "", "no answer: " + reason(err), false
	}
	response, err := http.ReadResponse(l.reader, nil)
	if err != nil {
		return "", "cut: " + reason(err), true
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", "cut: " + reason(err), true
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Sprintf("status %d", response.StatusCode), true
	}
	return string(body), "", true
}

func reason(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "closed"
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timed out"
	}
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+1:]
}

func fresh(t *tally, path string) {
	l, lost := dial(t.Address)
	page := ""
	if l != nil {
		page, lost, _ = l.ask(path)
		l.conn.Close()
	}
	t.note(page, lost, false)
}

func kept(t *tally, over func() bool) {
	var l *line
	for !over() {
		reused, stale := l != nil, false
		var page, lost string
		var begun bool
		if l == nil {
			l, lost = dial(t.Address)
		}
		if l != nil {
			page, lost, begun = l.ask("/")
		}
		if lost != "" && reused && !begun && !strings.HasSuffix(lost, "timed out") {
			l.conn.Close()
			stale = true
			if l, lost = dial(t.Address); l != nil {
				page, lost, _ = l.ask("/")
			}
		}
		t.note(page, lost, stale)
		if lost != "" && l != nil {
			l.conn.Close()
			l = nil
		}
		time.Sleep(pace)
	}
}

// await waits until the service responds, because a request that nothing could answer yet is not lost.
func await(address string) {
	for begin := time.Now(); ; time.Sleep(pace) {
		l, lost := dial(address)
		if l != nil {
			_, lost, _ = l.ask("/")
			l.conn.Close()
		}
		if lost == "" {
			return
		}
		if time.Since(begin) > boot {
			fmt.Fprintf(os.Stderr, "%s does not respond: %s\n", address, lost)
			os.Exit(1)
		}
	}
}

// load waits until each address responds and prints `ready`. It sends every kind of request to them until SIGTERM or the
// end of stdin, then prints a tally per line.
func load(addresses []string) {
	for _, address := range addresses {
		await(address)
	}
	fmt.Println("ready")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	ended := make(chan struct{})
	over := func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
	var all []*tally
	var workers sync.WaitGroup
	begin := func(count int, t *tally, work func()) {
		all = append(all, t)
		for range make([]struct{}, count) {
			workers.Add(1)
			go func() { defer workers.Done(); work() }()
		}
	}
	of := func(address, kind string) *tally {
		return &tally{Address: address, Kind: kind, Lost: map[string]int{}, Pages: map[string]int{}}
	}
	for _, address := range addresses {
		once, keep, slow := of(address, "new"), of(address, "keep-alive"), of(address, "slow")
		begin(2, once, func() {
			for !over() {
				fresh(once, "/")
				time.Sleep(pace)
			}
		})
		begin(2, keep, func() { kept(keep, over) })
		begin(1, slow, func() {
			for !over() {
				fresh(slow, "/slow")
				time.Sleep(pace)
			}
		})
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop <- syscall.SIGTERM
	}()
	<-stop
	close(ended)
	workers.Wait()
	for _, t := range all {
		text, _ := json.Marshal(t)
		fmt.Println(string(text))
	}
}
