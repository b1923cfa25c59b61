using System.Collections.Concurrent;
using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Import;

public sealed class UnixFsImporterTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("size-100")]
    [InlineData("rabin-16-64-256")]
    [InlineData("buzhash")]
    public async Task A_stream_and_a_file_of_the_same_bytes_give_the_same_blocks(string chunker)
    {
        using TempFolder folder = new();
        byte[] content = new Random(1).Bytes(700_001);
        string path = folder.Write("file", content);
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = Chunker.Parse(chunker), FileLinks = 100, RawLeaves = false } };
        ConcurrentDictionary<Cid, byte[]> fromFile = new();
        ConcurrentDictionary<Cid, byte[]> fromStream = new();

        UnixFsImport file = await Importing.Run(path, options, Importing.Into(fromFile));
        using UnixFsImporter importer = new(options, Importing.Into(fromStream));
        UnixFsImport stream = await importer.ImportAsync(new OneByteAtFirst(content));

        Assert.Equal(file, stream);
        Assert.Equal(content.Length, file.Size);
        Assert.Equal(fromFile.Keys.Order(), fromStream.Keys.Order());
        Assert.All(fromFile, block => Assert.True(block.Key.Hash.Matches(block.Value)));
        Assert.Equal(content.Length, importer.Progress.Bytes);
        Assert.Equal(1, importer.Progress.Files);
    }

    [Fact]
    public async Task A_block_is_handed_on_after_all_it_links_to_and_the_root_last()
    {
        using TempFolder folder = new();
        for (int i = 0; i < 20; i++)
        {
            folder.Write($"{i % 3}/{i}", new Random(i).Bytes(500 * i));
        }

        ConcurrentDictionary<Cid, bool> written = new();
        Cid? last = null;
        int early = 0;
        UnixFsImport import = await Importing.Run(
            folder.Path,
            new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(100), FileLinks = 4, ShardingThreshold = 200 } },
            (cid, data, _) =>
            {
                if (cid.CodecName == "dag-pb")
                {
                    early += DagPbNode.Decode(data.ToArray()).Links.Count(link => !written.ContainsKey(link.Cid));
                }

                written[cid] = true;
                last = cid;
                return ValueTask.CompletedTask;
            });

        Assert.Equal(0, early);
        Assert.Equal(import.Cid, last);
        Assert.Equal(Enumerable.Range(0, 20).Sum(i => 500 * i), import.Size);
    }

    [Fact]
    public async Task A_mode_and_a_time_are_all_that_tells_a_root_from_one_without()
    {
        using TempFolder folder = new();
        string path = folder.Write("file", new Random(2).Bytes(1000));
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddTicks(-1));
        UnixFsProfile profile = UnixFsProfile.V1_2025 with { RawLeaves = false, Chunker = new SizeChunker(300) };
        foreach (UnixFsLayout layout in Enum.GetValues<UnixFsLayout>())
        {
            ConcurrentDictionary<Cid, byte[]> blocks = new();
            UnixFsImportOptions options = new() { Profile = profile with { Layout = layout } };
            UnixFsImport plain = await Importing.Run(path, options);
            UnixFsImport kept = await Importing.Run(path, options with { PreserveMode = true, PreserveTime = true }, Importing.Into(blocks));

            DagPbNode node = DagPbNode.Decode(blocks[kept.Cid]);
            UnixFsData data = UnixFsData.Decode(node.Data);
            Assert.Equal(new UnixFsTime(-1, 999_999_900), data.Mtime);
            Assert.Equal(OperatingSystem.IsWindows() ? null : (uint)File.GetUnixFileMode(path), data.Mode);
            byte[] without = new DagPbNode(node.Links, (data with { Mode = null, Mtime = null }).Encode()).ToByteArray();
            Assert.Equal(plain.Cid, Cid.Compute(plain.Cid.Codec, without));
        }
    }

    [Fact]
    public async Task Hidden_entries_are_left_out_unless_asked_for_and_one_that_is_named_is_taken()
    {
        using TempFolder folder = new();
        folder.Write("shown", "1");
        string plain = await Importing.CidOf(folder.Path);
        folder.Write(".hidden", "2");
        folder.Write(".folder/inner", "3");

        Assert.Equal(plain, await Importing.CidOf(folder.Path));
        Assert.NotEqual(plain, (await Importing.Run(folder.Path, new UnixFsImportOptions { Hidden = true })).Cid.ToString());
        Assert.Equal(1, (await Importing.Run(Path.Combine(folder.Path, ".hidden"), new UnixFsImportOptions())).Size);
        Assert.Equal(1, (await Importing.Run(Path.Combine(folder.Path, ".folder"), new UnixFsImportOptions())).Size);
    }

    [Fact]
    public async Task Empty_folders_are_kept_unless_told_otherwise()
    {
        using TempFolder folder = new();
        folder.Write("file", "1");
        string without = await Importing.CidOf(folder.Path);
        folder.Make("empty");

        Assert.NotEqual(without, await Importing.CidOf(folder.Path));
        Assert.Equal(without, (await Importing.Run(folder.Path, new UnixFsImportOptions { EmptyDirectories = false })).Cid.ToString());
    }

    [Fact]
    public async Task A_symbolic_link_is_kept_followed_or_skipped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        using TempFolder folder = new();
        string target = folder.Write("outside/target", "content");
        folder.Write("inside/file", "1");
        string inside = Path.Combine(folder.Path, "inside");
        string without = await Importing.CidOf(inside);
        File.CreateSymbolicLink(Path.Combine(inside, "link"), "../outside/target");
        Directory.CreateSymbolicLink(Path.Combine(inside, "folder"), "../outside");

        Assert.Equal(without, (await Importing.Run(inside, new UnixFsImportOptions { Symlinks = SymlinkRule.Skip })).Cid.ToString());
        ConcurrentDictionary<Cid, byte[]> blocks = new();
        UnixFsImport link = await Importing.Run(Path.Combine(inside, "link"), new UnixFsImportOptions(), Importing.Into(blocks));
        Assert.Equal(UnixFsType.Symlink, link.Type);
        Assert.Equal("../outside/target", Encoding.UTF8.GetString(UnixFsData.Decode(DagPbNode.Decode(blocks[link.Cid]).Data).Data.Span));
        Assert.Equal(15, (await Importing.Run(inside, new UnixFsImportOptions { Symlinks = SymlinkRule.Follow })).Size);
        Assert.Equal(await Importing.CidOf(target), (await Importing.Run(Path.Combine(inside, "link"), new UnixFsImportOptions { Symlinks = SymlinkRule.Follow })).Cid.ToString());
    }

    [Fact]
    public async Task Links_that_lead_in_a_circle_are_refused_where_they_are_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "symbolic links need a privilege on Windows");
        using TempFolder folder = new();
        folder.Make("a");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "a", "up"), "..");
        UnixFsImportOptions follow = new() { Symlinks = SymlinkRule.Follow };

        await Refused(DagErrorIds.DagLimitExceeded, "up", Importing.Run(folder.Path, follow));
    }

    [Fact]
    public async Task Folders_deeper_than_the_limit_are_refused()
    {
        using TempFolder folder = new();
        folder.Write("1/2/file", "x");

        await Refused(DagErrorIds.DagLimitExceeded, "2", Importing.Run(folder.Path, new UnixFsImportOptions { MaxDepth = 2 }));
        Assert.Equal(1, (await Importing.Run(folder.Path, new UnixFsImportOptions { MaxDepth = 3 })).Size);
    }

    [Fact]
    public async Task A_path_without_a_file_is_refused() =>
        await Refused(DagErrorIds.PathNotFound, "missing", Importing.Run(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "missing"), new UnixFsImportOptions()));

    [Theory]
    [InlineData("grow", "size-1000")]
    [InlineData("shrink", "size-1000")]
    [InlineData("rewrite", "size-1000")]
    [InlineData("delete", "size-1000")]
    [InlineData("grow", "buzhash")]
    [InlineData("delete", "buzhash")]
    public async Task A_file_that_changes_or_vanishes_while_it_is_read_is_named(string change, string chunker)
    {
        using TempFolder folder = new();
        folder.Write("before", "x");
        string path = folder.Write("folder/changing", new Random(3).Bytes(600_000));
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        int first = 0;
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = Chunker.Parse(chunker) } };

        await Refused(DagErrorIds.FileChanged, "changing", Importing.Run(folder.Path, options, (_, data, _) =>
        {
            if (data.Length >= 1000 && Interlocked.Exchange(ref first, 1) == 0)
            {
                switch (change)
                {
                    case "grow":
                        File.AppendAllText(path, "more");
                        break;
                    case "shrink":
                        File.WriteAllText(path, "less");
                        break;
                    case "rewrite":
                        File.WriteAllBytes(path, new byte[600_000]);
                        break;
                    default:
                        File.Delete(path);
                        break;
                }
            }

            return ValueTask.CompletedTask;
        }));
    }

    [Fact]
    public async Task What_a_writer_throws_ends_the_import_and_nothing_is_left_running()
    {
        using TempFolder folder = new();
        for (int i = 0; i < 50; i++)
        {
            folder.Write($"{i}", new Random(i).Bytes(10_000));
        }

        int running = 0;
        int calls = 0;
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(1000) } };
        await Assert.ThrowsAsync<InvalidDataException>(() => Importing.Run(folder.Path, options, async (_, _, cancellation) =>
        {
            Interlocked.Increment(ref running);
            try
            {
                await Task.Yield();
                int call = Interlocked.Increment(ref calls);
                if (call == 100)
                {
                    throw new InvalidDataException("full");
                }

                if (call > 100)
                {
                    // only the end of the import ends those that write beside the one that fails
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
                }
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }));

        Assert.Equal(0, running);
        Assert.InRange(calls, 100, 400);
    }

    [Fact]
    public async Task A_cancelled_import_ends_with_its_writers()
    {
        using TempFolder folder = new();
        string path = folder.Write("file", new Random(4).Bytes(1_000_000));
        using CancellationTokenSource stop = new();
        int running = 0;
        using UnixFsImporter importer = new(
            new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(1000) } },
            async (_, _, cancellationToken) =>
            {
                Interlocked.Increment(ref running);
                try
                {
                    await stop.CancelAsync();
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => importer.ImportAsync(path, stop.Token).WaitAsync(_patience));
        Assert.Equal(0, running);
    }

    [Fact]
    public async Task Memory_is_bounded_by_the_buffers_however_large_the_file()
    {
        int now = 0;
        int most = 0;
        UnixFsImportOptions options = new()
        {
            MaxBufferedBytes = 100_000,
            Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(10_000) },
        };
        using UnixFsImporter importer = new(options, async (_, _, _) =>
        {
            int here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            await Task.Yield();
            Interlocked.Decrement(ref now);
        });
        await using var content = new ChaCha20Stream("memory", 5_000_000);

        UnixFsImport import = await importer.ImportAsync(content);

        Assert.Equal(5_000_000, import.Size);
        Assert.InRange(most, 1, 10);
    }

    [Fact]
    public async Task Imports_are_wrapped_in_a_directory()
    {
        using TempFolder folder = new();
        string file = folder.Write("a/one", "1");
        folder.Write("a/two", "22");
        using UnixFsImporter importer = new(new UnixFsImportOptions(), null);
        UnixFsImport one = await importer.ImportAsync(file);
        UnixFsImport two = await importer.ImportAsync(Path.Combine(folder.Path, "a", "two"));

        UnixFsImport wrapped = await importer.WrapAsync([new("two", two), new("one", one)]);

        Assert.Equal(await importer.ImportAsync(Path.Combine(folder.Path, "a")), wrapped);
        await Refused(DagErrorIds.DuplicateName, "one", importer.WrapAsync([new("one", one), new("one", two)]));
        foreach (string name in (string[])["", ".", "..", "a/b", "\ud800"])
        {
            await Refused(DagErrorIds.UnsafeName, "name", importer.WrapAsync([new(name, one)]));
        }
    }

    private static async Task Refused(string errorId, string part, Task import)
    {
        DagException error = await Assert.ThrowsAsync<DagException>(() => import);
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(part, error.Message);
        Assert.NotNull(error.Path);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = most; seen < value; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    /// <summary>Gives a single byte first and odd pieces then, as a network may.</summary>
    private sealed class OneByteAtFirst(byte[] content) : MemoryStream(content)
    {
        private int _next = 1;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = Math.Min(_next, buffer.Length);
            _next = (_next * 7 % 1009) + 1;
            return new ValueTask<int>(Read(buffer.Span[..count]));
        }
    }
}
