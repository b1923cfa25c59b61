using System.Net.Sockets;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class StopTests
{
    [Fact]
    public async Task A_stopped_host_leaves_no_connection_no_task_and_no_socket()
    {
        Libp2pHost alice = await StartAsync();
        Libp2pHost[] others = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => StartAsync()));
        alice.Handle("/echo", EchoAsync);
        List<Libp2pStream> open = [];
        foreach (Libp2pHost other in others)
        {
            await other.ConnectAsync(alice.Addresses).AsTask().WaitAsync(Patience);
            Libp2pStream stream = await other.OpenStreamAsync(alice.PeerId, ["/echo"]);
            await stream.WriteAsync(new byte[100]);
            open.Add(stream);
        }
        using Socket halfOpen = await DialSocketAsync(alice);
        Assert.True(alice.Addresses[0].TryGetTcp(out _, out int port, out _));
        if (OperatingSystem.IsLinux())
        {
            Assert.NotEqual(0, SocketsOn(port));
        }

        await alice.StopAsync().AsTask().WaitAsync(Patience);

        Assert.Equal(0, alice.HeldConnections);
        Assert.Equal(0, alice.RunningTasks);
        await Poll.UntilAsync(() => others.All(o => o.Connections.Count == 0), "the others see it go");
        Assert.All(open, stream => Assert.Equal(0, stream.Connection.Session.StreamCount));
        foreach (Libp2pHost other in others)
        {
            await other.StopAsync().AsTask().WaitAsync(Patience);
            Assert.Equal(0, other.HeldConnections);
            Assert.Equal(0, other.RunningTasks);
        }
        if (OperatingSystem.IsLinux())
        {
            halfOpen.Dispose();
            await Poll.UntilAsync(() => SocketsOn(port) == 0, "the kernel knows no socket of the port");
        }
    }

    [Fact]
    public async Task A_stopped_host_answers_every_call_with_NodeStopped()
    {
        await using Libp2pHost bob = await StartAsync();
        Libp2pHost alice = await StartAsync();
        await alice.ConnectAsync(bob.Addresses);
        await alice.StopAsync();
        await alice.StopAsync();
        await alice.DisposeAsync();

        Func<Task>[] calls =
        [
            () => alice.ConnectAsync(bob.Addresses).AsTask(),
            () => alice.OpenStreamAsync(bob.PeerId, ["/echo"]).AsTask(),
            () => alice.DisconnectAsync(bob.PeerId).AsTask(),
            () => alice.PingAsync(bob.PeerId).AsTask(),
            () => Task.FromResult(alice.Addresses),
            () => Task.FromResult(alice.Connections),
            () => Task.FromResult(alice.IsConnected(bob.PeerId)),
            () => Task.FromResult(alice.Unhandle("/echo")),
            () => Task.FromResult(alice.Unprotect(bob.PeerId, "tag")),
            () =>
            {
                alice.Handle("/echo", EchoAsync);
                return Task.CompletedTask;
            },
            () =>
            {
                alice.Protect(bob.PeerId, "tag");
                return Task.CompletedTask;
            },
        ];
        foreach (Func<Task> call in calls)
        {
            await FailsWithAsync(Libp2pErrorIds.NodeStopped, async () => await call());
        }
    }

    [Fact]
    public async Task What_waits_when_the_host_stops_ends_with_NodeStopped()
    {
        (Socket server, Multiaddr silent) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost bob = await StartAsync();
        Libp2pHost alice = await StartAsync();
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bob.Handle("/holds", async (_, ct) =>
        {
            handled.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        });
        await alice.ConnectAsync(bob.Addresses);
        Task<Libp2pConnection> dial = alice.ConnectAsync([silent]).AsTask();
        using Socket accepted = await server.AcceptAsync().WaitAsync(Patience);
        await using Libp2pStream stream = await alice.OpenStreamAsync(bob.PeerId, ["/holds"]);
        await handled.Task.WaitAsync(Patience);
        Task<int> read = stream.ReadAsync(new byte[1]).AsTask();

        await alice.StopAsync().AsTask().WaitAsync(Patience);

        await FailsWithAsync(Libp2pErrorIds.NodeStopped, () => dial);
        await FailsWithAsync(Libp2pErrorIds.ConnectionClosed, () => read);
        Assert.Equal(0, alice.RunningTasks);
    }

    [Fact]
    public async Task A_handler_that_will_not_end_does_not_keep_the_host_from_stopping()
    {
        await using Libp2pHost bob = await StartAsync();
        FakeTimeProvider clock = new();
        Libp2pHost alice = await StartAsync(o => o with { Clock = clock });
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        alice.Handle("/stubborn", (_, _) =>
        {
            begun.SetResult();
            return release.Task;
        });
        await bob.ConnectAsync(alice.Addresses);
        await using Libp2pStream stream = await bob.OpenStreamAsync(alice.PeerId, ["/stubborn"]);
        await begun.Task.WaitAsync(Patience);

        Task stopping = alice.StopAsync().AsTask();
        await Poll.UntilAsync(() => alice is { RunningTasks: 1, HeldConnections: 0 }, "all but the handler has ended");
        Assert.False(stopping.IsCompleted);
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return stopping.IsCompleted;
            },
            "the host stops");

        Assert.Equal(1, alice.RunningTasks);
        Assert.Equal(0, alice.HeldConnections);
        release.SetResult();
        await Poll.UntilAsync(() => alice.RunningTasks == 0, "the handler ended");
    }

    [Fact]
    public async Task A_host_can_be_stopped_while_others_dial_it()
    {
        for (int round = 0; round < 5; round++)
        {
            Libp2pHost alice = await StartAsync();
            IReadOnlyList<Multiaddr> addresses = alice.Addresses;
            Libp2pHost[] others = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));
            Task[] dials = [.. others.Select(o => Task.Run(async () =>
            {
                try
                {
                    await o.ConnectAsync(addresses);
                }
                catch (Libp2pException)
                {
                    // stopped before it was reached
                }
            }))];

            await alice.StopAsync().AsTask().WaitAsync(Patience);
            await Task.WhenAll(dials).WaitAsync(Patience);

            Assert.Equal(0, alice.RunningTasks);
            Assert.Equal(0, alice.HeldConnections);
            await Poll.UntilAsync(() => others.All(o => o.HeldConnections == 0), "no host keeps a connection with it");
            await Task.WhenAll(others.Select(o => o.DisposeAsync().AsTask())).WaitAsync(Patience);
        }
    }

    // sockets bound to the port that listen or are connected; what the kernel keeps of closed ones does not count
    private static int SocketsOn(int port)
    {
        string local = $":{port:X4}";
        return File.ReadLines("/proc/self/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(columns => columns[1].EndsWith(local, StringComparison.Ordinal) && columns[3] is "01" or "0A" or "08");
    }
}
