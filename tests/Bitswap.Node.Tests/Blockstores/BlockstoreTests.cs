using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace Bitswap.Node.Tests.Blockstores;

public sealed class BlockstoreTests : BlockstoreContract
{
    private protected override IBlockstore NewStore() => new DictionaryStore();

    [Fact]
    public async Task Data_that_does_not_hash_to_its_cid_is_not_trusted()
    {
        await using DictionaryStore store = new();
        await store.PutAsync(HelloCid, Hello, None);
        store.Blocks[HelloCid.Hash] = "hellO"u8.ToArray();
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await store.GetAsync(HelloCid, None));
        Assert.Equal("StoreCorrupt", error.ErrorId);
        Assert.Equal(HelloCid, error.Subject);
        Assert.Contains(nameof(DictionaryStore), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_member_throws_is_an_error_of_the_store_that_names_the_member()
    {
        await using DictionaryStore store = new() { Fault = new InvalidOperationException("the drive is on fire") };
        foreach ((string member, Func<Task> call) in new (string, Func<Task>)[]
        {
            ("GetBlock", async () => await store.GetAsync(HelloCid, None)),
            ("GetBlockSize", async () => await store.GetSizeAsync(HelloCid, None)),
            ("PutBlock", async () => await store.PutAsync(HelloCid, Hello, None)),
            ("RemoveBlock", async () => await store.RemoveAsync(HelloCid, None)),
            ("ListBlocks", async () => await ListAsync(store)),
        })
        {
            BitswapException error = await Assert.ThrowsAsync<BitswapException>(call);
            Assert.Equal("StoreFailed", error.ErrorId);
            Assert.Contains($"DictionaryStore.{member} failed", error.Message, StringComparison.Ordinal);
            Assert.Contains("the drive is on fire", error.Message, StringComparison.Ordinal);
            Assert.Same(store.Fault, error.InnerException);
        }
    }

    [Fact]
    public async Task An_error_with_an_id_of_its_own_comes_through()
    {
        await using DictionaryStore store = new() { Fault = new BitswapException("StoreFull", "full", "remove some") };
        Assert.Same(store.Fault, await Assert.ThrowsAsync<BitswapException>(async () => await store.PutAsync(HelloCid, Hello, None)));
    }

    [Fact]
    public async Task A_stray_cancellation_of_a_member_is_an_error_of_the_store()
    {
        await using DictionaryStore store = new() { Fault = new OperationCanceledException() };
        Assert.Equal(
            "StoreFailed", (await Assert.ThrowsAsync<BitswapException>(async () => await store.GetAsync(HelloCid, None))).ErrorId);
    }

    [Fact]
    public async Task Members_run_within_the_scope_and_off_the_callers_thread()
    {
        int open = 0, entered = 0;
        DictionaryStore store = new();
        store.CallScope = () =>
        {
            open++;
            entered++;
            return new Scope(() => open--);
        };
        store.Watch = () =>
        {
            Assert.Equal(1, open);
            Assert.True(Thread.CurrentThread.IsThreadPoolThread);
        };
        await store.PutAsync(HelloCid, Hello, None);
        await store.GetAsync(HelloCid, None);
        await store.GetSizeAsync(HelloCid, None);
        await ListAsync(store);
        await store.RemoveAsync(HelloCid, None);
        await store.DisposeAsync();
        Assert.Equal(0, open);
        Assert.True(entered >= 6);
        Assert.True(store.Closed);
    }

    [Fact]
    public async Task Long_lists_come_in_full()
    {
        await using DictionaryStore store = new();
        for (int i = 0; i < 1000; i++)
        {
            byte[] data = BitConverter.GetBytes(i);
            store.Blocks[RawCid(data).Hash] = data;
        }

        Assert.Equal(1000, (await ListAsync(store)).Distinct().Count());
    }

    [Fact]
    public async Task A_list_that_is_left_early_ends_the_users_enumeration()
    {
        await using DictionaryStore store = new();
        bool ended = false;
        IEnumerable<Cid> Endless()
        {
            try
            {
                while (true)
                {
                    yield return HelloCid;
                }
            }
            finally
            {
                ended = true;
            }
        }

        store.Blocks[HelloCid.Hash] = Hello;
        store.Listed = Endless();
        await foreach (StoredBlock block in store.ListAsync(None))
        {
            Assert.Equal(new StoredBlock(HelloCid, 5), block);
            break;
        }

        Assert.True(ended);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public void A_number_of_calls_out_of_range_is_refused(int parallelism) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DictionaryStore(parallelism));

    [Fact]
    public void A_powershell_class_bound_to_its_runspace_is_refused_with_the_remedy()
    {
        // PowerShell compiles its classes into assemblies of such a name.
        AssemblyBuilder assembly = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName("PowerShell Class Assembly (test)"), AssemblyBuilderAccess.Run);
        TypeBuilder type = assembly.DefineDynamicModule("m").DefineType("MyStore", TypeAttributes.Public, typeof(DictionaryStore));
        type.DefineDefaultConstructor(MethodAttributes.Public);
        Type made = type.CreateType();

        BitswapException error = Assert.Throws<BitswapException>(() => Blockstore.RefuseRunspaceAffinity(made));
        Assert.Equal("InvalidStore", error.ErrorId);
        Assert.Contains("[NoRunspaceAffinity()]", error.Remedy, StringComparison.Ordinal);
        Assert.Contains("MyStore", error.Message, StringComparison.Ordinal);
        Blockstore.RefuseRunspaceAffinity(typeof(DictionaryStore));
    }

    /// <summary>A user's store in a dictionary that can be made to fail.</summary>
    public class DictionaryStore : Blockstore
    {
        public DictionaryStore()
        {
        }

        public DictionaryStore(int maxParallelism)
            : base(maxParallelism)
        {
        }

        public ConcurrentDictionary<Multihash, byte[]> Blocks { get; } = new();

        public Exception? Fault { get; init; }

        public Action? Watch { get; set; }

        public bool Closed { get; private set; }

        public override byte[]? GetBlock(Cid cid) => Visit().TryGetValue(cid.Hash, out byte[]? data) ? data : null;

        public override void PutBlock(Cid cid, byte[] data) => Visit()[cid.Hash] = data;

        public override bool RemoveBlock(Cid cid) => Visit().TryRemove(cid.Hash, out _);

        public IEnumerable<Cid>? Listed { get; set; }

        public override IEnumerable<Cid> ListBlocks() => Listed ?? Visit().Keys.Select(hash => Cid.CreateV1(0x55, hash));

        public override void Close()
        {
            Watch?.Invoke();
            Closed = true;
        }

        private ConcurrentDictionary<Multihash, byte[]> Visit()
        {
            Watch?.Invoke();
            return Fault is null ? Blocks : throw Fault;
        }
    }

    private sealed class Scope(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
