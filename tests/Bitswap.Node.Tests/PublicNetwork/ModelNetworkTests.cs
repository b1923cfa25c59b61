using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Bitswap.Multiformats;
using Bitswap.Node.Content;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.PublicNetwork;

/// <summary>What a node that is new to the public network gets of it, and what it says of the rest.</summary>
public sealed class ModelNetworkTests(ITestOutputHelper output)
{
    private const int Roots = 200;
    private const int AtOnce = 8;
    private const int Seed = 16;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task What_can_be_reached_is_fetched_and_of_the_rest_the_true_reason_is_told()
    {
        await using ModelNetwork network = await ModelNetwork.StartAsync();
        Random random = new(Seed);
        List<Wanted> all = [];
        for (int i = 0; i < Roots; i++)
        {
            Block leaf = Samples.Block(i + 1);
            Wanted wanted = new(RootOf(leaf), leaf, ModelNetwork.Draw(random));
            await network.AnnounceAsync(wanted.Root, [leaf], wanted.Kinds);
            all.Add(wanted);
        }

        ConcurrentBag<Outcome> outcomes = [];
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (wanted, _) => outcomes.Add(await FetchAsync(network, wanted)));

        Outcome[] reachable = [.. outcomes.Where(outcome => outcome.Wanted.Kinds.Any(ModelNetwork.IsOfUse))];
        Outcome[] rest = [.. outcomes.Except(reachable)];
        Tell(reachable, rest);
        Outcome[] lost = [.. reachable.Where(outcome => outcome.Failure is not null)];
        Assert.True(lost.Length <= reachable.Length / 20, $"Seed {Seed}: {string.Join('\n', lost.Select(outcome => $"{outcome.Wanted}: {outcome.Failure!.Message}"))}");
        Assert.All(rest, outcome =>
        {
            Assert.NotNull(outcome.Failure);
            foreach (ProviderKind kind in outcome.Wanted.Kinds)
            {
                Assert.True(outcome.Failure.Message.Contains(ReasonOf(kind), StringComparison.Ordinal), $"Seed {Seed}: {outcome.Wanted}: {outcome.Failure.Message}");
            }

            Assert.Contains($"{outcome.Wanted.Kinds.Length} named", outcome.Failure.Message);
        });
    }

    // A node of its own each time, that knows nobody; what is below the root is announced by none.
    private static async Task<Outcome> FetchAsync(ModelNetwork network, Wanted wanted)
    {
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions
        {
            ListenAddresses = [],
            Routing = new RoutingOptions { Routers = [network.Router.Uri] },
            Http = new HttpRetrievalOptions { HttpRetrieval = true },
            Engine = new EngineOptions { FailFastWithoutPeers = true },
        });
        await using FetchSession session = new(getter);
        long begun = Stopwatch.GetTimestamp();
        try
        {
            await session.ReadAsync(wanted.Root.Cid).AsTask().WaitAsync(_patience);
            TimeSpan first = Stopwatch.GetElapsedTime(begun);
            ReadOnlyMemory<byte> leaf = await session.ReadAsync(wanted.Leaf.Cid).AsTask().WaitAsync(_patience);
            Assert.True(leaf.Span.SequenceEqual(wanted.Leaf.Data.Span));
            return new Outcome(wanted, null, first);
        }
        catch (BitswapException failure)
        {
            return new Outcome(wanted, failure, null);
        }
    }

    private void Tell(Outcome[] reachable, Outcome[] rest)
    {
        output.WriteLine($"{reachable.Length} of {Roots} can be reached, {reachable.Count(outcome => outcome.Failure is null)} were fetched; of {rest.Length} the reason was told.");
        double[] trips = [.. reachable.Select(outcome => outcome.First).OfType<TimeSpan>().Select(first => first / ModelNetwork.RoundTrip).Order()];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Time to the first block, in round trips of {ModelNetwork.RoundTrip.TotalMilliseconds} ms: median {trips[trips.Length / 2]:0.0}, nine of ten {trips[trips.Length * 9 / 10]:0.0}, the last {trips[^1]:0.0}."));
    }

    private static string ReasonOf(ProviderKind kind) => kind switch
    {
        ProviderKind.Dead or ProviderKind.Mute or ProviderKind.Relay => "could not be reached",
        ProviderKind.NoAddress => "1 without address",
        ProviderKind.Lying => "DONT_HAVE",
        ProviderKind.Quic => "1 QUIC",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "It can be reached."),
    };

    private static Block RootOf(Block leaf)
    {
        byte[] data = Encoding.UTF8.GetBytes($$"""[{"/":"{{leaf.Cid}}"}]""");
        return new Block(Cid.Compute(Multicodec.DagJson, data), data);
    }

    private sealed record Wanted(Block Root, Block Leaf, ProviderKind[] Kinds)
    {
        public override string ToString() => $"{Root.Cid} of {string.Join(", ", Kinds)}";
    }

    private sealed record Outcome(Wanted Wanted, BitswapException? Failure, TimeSpan? First);
}
