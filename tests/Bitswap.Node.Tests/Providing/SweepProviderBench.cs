using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Providing;
using Bitswap.Node.Repositories;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Providing;

/// <summary>A store, a DHT and a clock that tests move, for what a node announces when.</summary>
public abstract class SweepProviderBench : IDisposable
{
    private protected const int Blocks = 2000;
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private protected static readonly TimeSpan Interval = TimeSpan.FromHours(22);
    private protected static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private protected SweepProviderBench()
    {
        Pins = new PinSet(null, Clock);
        Dht = new FakeDht(Clock, new Random(1));
    }

    private protected TempFolder Folder { get; } = new();

    private protected FakeTimeProvider Clock { get; } = new(Start);

    private protected MemoryBlockstore Store { get; } = new(64 << 20, 1 << 20);

    private protected RootSet Roots { get; } = new();

    private protected PinSet Pins { get; }

    private protected FakeDht Dht { get; }

    private protected List<Cid> Cids { get; } = [];

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task FillAsync(int count, SweepProvider? announceTo = null, int size = 40)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] data = new byte[size];
            BitConverter.TryWriteBytes(data, Cids.Count);
            Cid cid = Cid.Compute(Multicodec.Raw, data);
            Cids.Add(cid);
            await Store.PutAsync(cid, data, CancellationToken.None);
            announceTo?.Announce(cid.Hash);
        }
    }

    private protected async Task AdvanceAsync(SweepProvider provider, TimeSpan time, TimeSpan? step = null)
    {
        TimeSpan each = step ?? time;
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += each)
        {
            Clock.Advance(each);
            await provider.WhenIdleAsync().WaitAsync(Patience);
        }
    }

    private protected SweepProvider Create(int streams = 32, int maxKeys = 1 << 20, FakeDht? dht = null, TimeProvider? clock = null, IBlockstore? store = null)
    {
        RoutingOptions options = new() { Provide = ProvideStrategy.All, ProvideInterval = Interval, MaxProvideStreams = streams, MaxProvideKeys = maxKeys };
        clock ??= Clock;
        ProvidedBlocks blocks = new(options.Provide, store ?? Store, Pins, Roots, (_, _) => throw new InvalidOperationException("no block is read"), options.MaxProvideKeys);
        return new SweepProvider(dht ?? Dht, blocks, new ProvideState(Folder.Path, options.Provide, clock.GetUtcNow(), NullLogger.Instance), options, clock, NullLogger.Instance);
    }
}
