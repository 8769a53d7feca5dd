package main

import (
	"io"
	"math/rand/v2"
	"net"
	"time"
)

// proxy listens on 8080 and joins each connection to one of the addresses that the name of target has at that moment:
// the next one where one does not answer. It neither checks health nor asks again once a connection is made.
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

// join copies both ways, and hands on the end of each.
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
