package main

import (
	"io"
	"math/rand/v2"
	"net"
	"time"
)

// proxy listens on port 8080 and forwards each connection to one of the addresses to which the host of target resolves,
// or to the next one if an address does not accept connections. It neither checks health nor retries an established
// connection.
func proxy(target string) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		panic(err)
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer client.Close()
			if server := reach(host, port); server != nil {
				defer server.Close()
				join(client.(*net.TCPConn), server.(*net.TCPConn))
			}
		}()
	}
}

func reach(host, port string) net.Conn {
	addresses, _ := net.LookupHost(host)
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	for _, address := range addresses {
		if server, err := net.DialTimeout("tcp", net.JoinHostPort(address, port), time.Second); err == nil {
			return server
		}
	}
	return nil
}

// join copies in both directions, and forwards the end of each stream.
func join(client, server *net.TCPConn) {
	done := make(chan struct{}, 2)
	carry := func(to, from *net.TCPConn) {
		io.Copy(to, from)
		to.CloseWrite()
		done <- struct{}{}
	}
	go carry(server, client)
	go carry(client, server)
	<-done
	<-done
}
