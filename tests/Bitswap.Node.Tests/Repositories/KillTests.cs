using System.Text.Json;
using Bitswap.Node.Tests.Interop;

namespace Bitswap.Node.Tests.Repositories;

/// <summary>The short form of the command <c>kill</c> of the console peer, which is run with more kills on demand.</summary>
public sealed class KillTests
{
    private const int Kills = 4;
    private const int BoundedKills = 6;

    [Fact]
    public async Task Nothing_that_was_acknowledged_is_lost_or_torn_when_the_process_is_killed()
    {
        await using PeerProcess run = PeerProcess.StartConsolePeer("kill", "--count", $"{Kills}");
        for (int i = 1; i <= Kills; i++)
        {
            // where something is lost, the line does not come and the error has the seed
            Assert.Equal(i, (await run.ReadAsync()).GetProperty("kill").GetInt32());
        }

        JsonElement all = await run.ReadAsync();
        Assert.Equal(Kills, all.GetProperty("kills").GetInt32());
        Assert.NotEmpty(all.GetProperty("words").EnumerateObject());
        Assert.Equal(0, await run.ExitAsync());
    }

    [Fact]
    public async Task A_repository_with_a_bound_keeps_it_and_its_pins_when_the_process_is_killed_while_blocks_are_collected()
    {
        await using PeerProcess run = PeerProcess.StartConsolePeer("kill", "--count", $"{BoundedKills}", "--storage-max", $"{8 << 20}");
        for (int i = 1; i <= BoundedKills; i++)
        {
            Assert.Equal(i, (await run.ReadAsync()).GetProperty("kill").GetInt32());
        }

        JsonElement all = await run.ReadAsync();
        Assert.True(all.GetProperty("words").TryGetProperty("collected", out JsonElement collected) && collected.GetInt32() > 0, $"{all}");
        Assert.Equal(0, await run.ExitAsync());
    }
}
