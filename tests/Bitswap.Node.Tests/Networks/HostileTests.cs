using System.Text.Json;
using Bitswap.Node.Tests.Interop;

namespace Bitswap.Node.Tests.Networks;

/// <summary>The short forms of what the console of attackers runs on demand with more peers, sockets and time.</summary>
public sealed class HostileTests
{
    [Fact]
    public async Task Peers_come_and_go_and_in_the_end_the_books_agree_and_nothing_is_left_of_them()
    {
        JsonElement books = await RunAsync("churn", "--seconds", "2", "--peers", "4", "--seed", "13");
        Assert.NotEqual(0, books.GetProperty("lives").GetInt32());
        Assert.NotEqual(0, books.GetProperty("acknowledged").GetInt32());
    }

    [Fact]
    public async Task A_peer_that_does_nothing_costs_little_memory()
    {
        JsonElement report = await RunAsync("idle", "--peers", "40");
        Assert.Equal(40, report.GetProperty("peers").GetInt32());

        // with few peers what all share counts, too
        Assert.InRange(report.GetProperty("kibPerPeer").GetDouble(), 0, 250);
    }

    [Fact]
    public async Task Sockets_by_the_hundred_that_say_nothing_keep_no_honest_peer_out()
    {
        JsonElement report = await RunAsync("sockets", "--count", "300", "--seconds", "2");
        Assert.NotEqual(0, report.GetProperty("served").GetInt32());
    }

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        await using PeerProcess run = PeerProcess.StartConsole("Bitswap.Hostile", arguments);
        JsonElement line = await run.ReadAsync();
        Assert.Equal(0, await run.ExitAsync());
        return line;
    }
}
