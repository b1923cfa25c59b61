using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Blockstores;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Blockstores;

public sealed class FlatFileBlockstoreTests : BlockstoreContract, IDisposable
{
    // Where Kubo keeps the block of the empty directory, which each of its repositories begins with.
    private const string EmptyFolderFile = "X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data";

    // And where it keeps that of "hello", as every CID of its SHA-256.
    private const string HelloFile = "QJ/CIQCZ4SNXJP3BIYOE3UDWKWFXHRJ4GYWDZOB7J2CLZZQIM3CSOFZQJA.data";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override IBlockstore NewStore() => Open();

    private FlatFileBlockstore Open(FlatFileOptions? options = null) => new(_folder["blocks"], options);

    private string FileOf(Cid cid) => FileOf(_folder["blocks"], cid);

    private static string FileOf(string root, Cid cid)
    {
        string key = Multibase.EncodeRaw(MultibaseEncoding.Base32Upper, cid.Hash.Bytes);
        return Path.Combine(root, key[^3..^1], key + ".data");
    }

    [Fact]
    public async Task A_store_that_is_open_for_reading_takes_no_block_and_gives_those_it_has()
    {
        await using (FlatFileBlockstore writing = Open())
        {
            await writing.PutAsync(HelloCid, Hello, None);
        }

        await using FlatFileBlockstore store = Open(new FlatFileOptions { IsReadOnly = true });
        Cid other = RawCid("other"u8.ToArray());
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await store.PutAsync(other, "other"u8.ToArray(), None));

        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.False(Directory.Exists(Path.GetDirectoryName(FileOf(other))));
        Assert.True((await store.GetAsync(HelloCid, None))!.Value.Span.SequenceEqual(Hello));
    }

    [Fact]
    public async Task A_new_store_is_laid_out_as_kubo_lays_it_out()
    {
        byte[] emptyFolder = [0x0a, 0x02, 0x08, 0x01];
        await using FlatFileBlockstore store = Open();
        await store.PutAsync(Cid.Parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"), emptyFolder, None);

        await store.PutAsync(HelloCid, Hello, None);
        Assert.Equal(Hello, File.ReadAllBytes(_folder["blocks/" + HelloFile]));
        Assert.Equal("/repo/flatfs/shard/v1/next-to-last/2\n", File.ReadAllText(_folder["blocks/SHARDING"]));
        Assert.Equal(emptyFolder, File.ReadAllBytes(_folder["blocks/" + EmptyFolderFile]));
        Assert.Equal(_folder["blocks"], store.Path);
        Assert.Null(((IOwnedBlockstore)store).Owner);
    }

    [Fact]
    public async Task A_kubo_folder_is_served_as_it_is_and_not_written_to()
    {
        string root = _folder["blocks"];
        Directory.CreateDirectory(Path.Combine(root, "X3"));
        Directory.CreateDirectory(Path.Combine(root, ".temp"));
        File.WriteAllText(Path.Combine(root, "SHARDING"), "/repo/flatfs/shard/v1/next-to-last/2\n");
        File.WriteAllText(Path.Combine(root, "_README"), "This is a repository of IPLD objects.");
        File.WriteAllText(Path.Combine(root, "diskUsage.cache"), "{\"diskUsage\":4,\"accuracy\":\"initial-exact\"}");
        File.WriteAllBytes(Path.Combine(root, EmptyFolderFile), [0x0a, 0x02, 0x08, 0x01]);
        string[] before = [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Order()];

        await using FlatFileBlockstore store = Open();
        Assert.Contains("Kubo's or another program's", ((IOwnedBlockstore)store).Owner);
        Cid cid = Cid.Parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
        Assert.Equal([0x0a, 0x02, 0x08, 0x01], (await store.GetAsync(cid, None))!.Value.ToArray());
        Assert.Equal([new StoredBlock(Cid.CreateV1(Multicodec.Raw, cid.Hash), 4)], await ListAsync(store));
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public async Task Blocks_stay_when_the_store_is_opened_again()
    {
        await using (FlatFileBlockstore store = Open())
        {
            await store.PutAsync(HelloCid, Hello, None);
        }

        await using FlatFileBlockstore again = Open();
        Assert.Equal(Hello, (await again.GetAsync(HelloCid, None))!.Value.ToArray());
    }

    [Theory]
    [InlineData("/repo/flatfs/shard/v1/prefix/3", "CIQ/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data")]
    [InlineData("/repo/flatfs/shard/v1/suffix/2\n", "3Y/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data")]
    [InlineData(" /repo/flatfs/shard/v1/next-to-last/3\r\n", "LX3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data")]
    public async Task Every_way_of_sharding_that_flatfs_has_is_followed(string sharding, string file)
    {
        Directory.CreateDirectory(_folder["blocks"]);
        File.WriteAllText(_folder["blocks/SHARDING"], sharding);
        await using FlatFileBlockstore store = Open();
        Cid cid = Cid.Parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
        await store.PutAsync(cid, new byte[] { 0x0a, 0x02, 0x08, 0x01 }, None);
        Assert.True(File.Exists(_folder["blocks/" + file]));
        Assert.Single(await ListAsync(store));
        Assert.NotNull(await store.GetAsync(cid, None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("next-to-last/2")]
    [InlineData("/repo/flatfs/shard/v2/next-to-last/2")]
    [InlineData("/repo/flatfs/shard/v1/next-to-last")]
    [InlineData("/repo/flatfs/shard/v1/next-to-last/0")]
    [InlineData("/repo/flatfs/shard/v1/next-to-last/-2")]
    [InlineData("/repo/flatfs/shard/v1/next-to-last/65")]
    [InlineData("/repo/flatfs/shard/v1/next-to-last/2/2")]
    [InlineData("/repo/flatfs/shard/v1/middle/2")]
    public void An_unknown_way_of_sharding_is_refused_by_name(string sharding)
    {
        Directory.CreateDirectory(_folder["blocks"]);
        File.WriteAllText(_folder["blocks/SHARDING"], sharding);
        BitswapException error = Assert.Throws<BitswapException>(() => Open());
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Contains(_folder["blocks/SHARDING"], error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{sharding}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("next-to-last/2", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_other_things_in_it_is_not_made_a_store()
    {
        Directory.CreateDirectory(_folder["blocks"]);
        File.WriteAllText(_folder["blocks/letter.txt"], "");
        BitswapException error = Assert.Throws<BitswapException>(() => Open());
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Contains("letter.txt", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["blocks/SHARDING"]));
    }

    [Fact]
    public void A_file_where_the_folder_should_be_is_an_error_of_the_store()
    {
        File.WriteAllText(_folder["blocks"], "");
        BitswapException error = Assert.Throws<BitswapException>(() => Open());
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Contains(_folder["blocks"], error.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<IOException>(error.InnerException);
    }

    public static TheoryData<string> Damages => ["cut", "empty", "flipped", "longer", "too long for a block"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_file_is_found_named_never_served_and_replaced_by_a_put(string damage)
    {
        byte[] data = RandomBytes(5, 10_000);
        Cid cid = RawCid(data);
        await using FlatFileBlockstore store = Open(new FlatFileOptions { MaxBlockSize = 20_000 });
        await store.PutAsync(cid, data, None);
        byte[] damaged = damage switch
        {
            "cut" => data[..5000],
            "empty" => [],
            "flipped" => [.. data[..9999], (byte)(data[9999] ^ 1)],
            "longer" => [.. data, 0],
            _ => new byte[20_001],
        };
        File.WriteAllBytes(FileOf(cid), damaged);

        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await store.GetAsync(cid, None));
        Assert.Equal("StoreCorrupt", error.ErrorId);
        Assert.Equal(cid, error.Subject);
        Assert.Contains(FileOf(cid), error.Message, StringComparison.Ordinal);
        Assert.Contains(cid.ToString(), error.Message, StringComparison.Ordinal);

        await store.PutAsync(cid, data, None);
        Assert.True((await store.GetAsync(cid, None))!.Value.Span.SequenceEqual(data));

        File.WriteAllBytes(FileOf(cid), damaged);
        Assert.True(await store.RemoveAsync(cid, None));
        Assert.Null(await store.GetAsync(cid, None));
    }

    [Fact]
    public async Task A_sound_block_is_not_written_again()
    {
        await using FlatFileBlockstore store = Open();
        await store.PutAsync(HelloCid, Hello, None);
        DateTime then = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(FileOf(HelloCid), then);
        await store.PutAsync(HelloCid, Hello, None);
        Assert.Equal(then, File.GetLastWriteTimeUtc(FileOf(HelloCid)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_unfinished_stays_behind_a_put(bool flush)
    {
        await using FlatFileBlockstore store = Open(new FlatFileOptions { FlushToDisk = flush });
        await store.PutAsync(HelloCid, Hello, None);
        Assert.Empty(Directory.EnumerateFiles(_folder["blocks/.bitswap-unfinished"]));
        Assert.Equal(Hello, File.ReadAllBytes(FileOf(HelloCid)));
    }

    [Fact]
    public async Task A_put_that_fails_says_where_and_leaves_nothing()
    {
        await using FlatFileBlockstore store = Open();

        // A folder stands where the file belongs: it can be neither read nor replaced.
        Directory.CreateDirectory(Path.Combine(FileOf(HelloCid), "inner"));
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await store.PutAsync(HelloCid, Hello, None));
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Contains(FileOf(HelloCid), error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        Assert.NotEmpty(error.Remedy);
        Assert.Empty(Directory.EnumerateFiles(_folder["blocks/.bitswap-unfinished"]));
        Assert.Empty(await ListAsync(store));
    }

    [Fact]
    public async Task Unfinished_files_are_never_served_and_old_ones_go_when_the_store_is_opened()
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        FlatFileOptions options = new() { Clock = clock, UnfinishedFileAge = TimeSpan.FromHours(2) };
        await using (FlatFileBlockstore store = Open(options))
        {
            await store.PutAsync(HelloCid, Hello, None);
        }

        string mine = _folder["blocks/.bitswap-unfinished/0123.tmp"], other = _folder["blocks/.bitswap-unfinished/keep"];
        File.WriteAllText(mine, "half a blo");
        File.WriteAllText(other, "");
        clock.Advance(TimeSpan.FromMinutes(119));
        await using (FlatFileBlockstore store = Open(options))
        {
            Assert.Equal([new StoredBlock(HelloCid, 5)], await ListAsync(store));
            Assert.True(File.Exists(mine));
        }

        clock.Advance(TimeSpan.FromMinutes(2));
        await using FlatFileBlockstore last = Open(options);
        Assert.False(File.Exists(mine));
        Assert.True(File.Exists(other));
        Assert.Equal(Hello, (await last.GetAsync(HelloCid, None))!.Value.ToArray());
    }

    [Fact]
    public async Task Files_that_are_no_blocks_are_not_listed()
    {
        await using FlatFileBlockstore store = Open();
        await store.PutAsync(HelloCid, Hello, None);
        string root = _folder["blocks"], block = FileOf(HelloCid), name = Path.GetFileName(block), folder = Path.GetDirectoryName(block)!;
        foreach (string stranger in new[]
        {
            Path.Combine(folder, "put-123"),
            Path.Combine(folder, "README"),
            Path.Combine(folder, ".data"),
            Path.Combine(folder, "CIQ1.data"),
            Path.Combine(folder, name.ToLowerInvariant()),
            Path.Combine(folder, name + ".bak"),
            Path.Combine(folder, name.Replace(".data", "AA.data", StringComparison.Ordinal)),
            Path.Combine(root, name),
        })
        {
            // A file system without regard to case has one of these already.
            if (!File.Exists(stranger))
            {
                File.WriteAllBytes(stranger, Hello);
            }
        }

        Directory.CreateDirectory(Path.Combine(root, "ZZ"));
        File.Copy(block, Path.Combine(root, "ZZ", name));
        Directory.CreateDirectory(Path.Combine(root, ".hidden"));
        File.Copy(block, Path.Combine(root, ".hidden", name));
        Assert.Equal([new StoredBlock(HelloCid, 5)], await ListAsync(store));
    }

    [Fact]
    public Task Two_stores_on_one_folder_race_without_harm() => Seeded.RunAsync(async random =>
    {
        await using FlatFileBlockstore one = Open(new FlatFileOptions { FlushToDisk = false });
        await using FlatFileBlockstore two = Open(new FlatFileOptions { FlushToDisk = false });
        byte[][] data = [.. Enumerable.Range(0, 8).Select(i => random.Bytes(50_000 + i))];
        int[] seeds = [.. Enumerable.Range(0, 16).Select(_ => random.Next())];
        int found = 0;
        await Task.WhenAll(seeds.Select((seed, worker) => Task.Run(async () =>
        {
            Random choice = new(seed);
            FlatFileBlockstore store = worker % 2 == 0 ? one : two;
            for (int i = 0; i < 60; i++)
            {
                byte[] mine = data[choice.Next(data.Length)];
                switch (choice.Next(4))
                {
                    case 0:
                        await store.RemoveAsync(RawCid(mine), None);
                        break;
                    case 1:
                        await store.PutAsync(RawCid(mine), mine, None);
                        break;
                    default:
                        // StoreCorrupt would end the test: a reader sees a block whole or not at all.
                        ReadOnlyMemory<byte>? read = await store.GetAsync(RawCid(mine), None);
                        Assert.True(read is null || read.Value.Span.SequenceEqual(mine));
                        found += read is null ? 0 : 1;
                        break;
                }
            }
        })));
        Assert.True(found > 0, "no block was read");
        Assert.Empty(Directory.EnumerateFiles(_folder["blocks/.bitswap-unfinished"]));
    });

    [Fact]
    public async Task Two_stores_may_make_one_folder_at_once()
    {
        for (int round = 0; round < 20; round++)
        {
            string path = _folder[$"shared{round}"];
            using Barrier start = new(2);
            FlatFileBlockstore[] stores = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait();
                return new FlatFileBlockstore(path);
            })));
            await stores[0].PutAsync(HelloCid, Hello, None);
            Assert.NotNull(await stores[1].GetAsync(HelloCid, None));
            Assert.Equal(["SHARDING"], Directory.EnumerateFiles(path).Select(Path.GetFileName));
        }
    }

    [Fact]
    public async Task A_block_over_the_bound_is_refused()
    {
        byte[] data = RandomBytes(1, 101);
        await using FlatFileBlockstore store = Open(new FlatFileOptions { MaxBlockSize = 100 });
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await store.PutAsync(RawCid(data), data, None));
        Assert.Equal("BlockTooLarge", error.ErrorId);
        await store.PutAsync(RawCid(data[..100]), data.AsMemory(0, 100), None);
    }

    [Fact]
    public async Task A_key_longer_than_a_file_name_can_be_is_missing_and_cannot_be_stored()
    {
        byte[] data = new byte[200];
        Cid cid = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Identity, data));
        await using FlatFileBlockstore store = Open();
        Assert.Null(await store.GetAsync(cid, None));
        Assert.Null(await store.GetSizeAsync(cid, None));
        Assert.False(await store.RemoveAsync(cid, None));
        Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(async () => await store.PutAsync(cid, data, None))).ErrorId);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { MaxBlockSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { MaxBlockSize = (1 << 30) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { MaxParallelism = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { MaxParallelism = 257 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { MaxParallelFlushes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { MaxParallelFlushes = 257 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { UnfinishedFileAge = TimeSpan.FromSeconds(59) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatFileOptions { UnfinishedFileAge = TimeSpan.FromDays(1001) });
    }

    [Fact]
    public void Folders_of_short_keys_are_filled_up_as_flatfs_fills_them()
    {
        Assert.Equal("__", ShardFunction.TryParse("/repo/flatfs/shard/v1/next-to-last/2")!.FolderOf("A"));
        Assert.Equal("_A", ShardFunction.TryParse("/repo/flatfs/shard/v1/next-to-last/2")!.FolderOf("AB"));
        Assert.Equal("AB__", ShardFunction.TryParse("/repo/flatfs/shard/v1/prefix/4")!.FolderOf("AB"));
        Assert.Equal("__AB", ShardFunction.TryParse("/repo/flatfs/shard/v1/suffix/4")!.FolderOf("AB"));
    }
}
