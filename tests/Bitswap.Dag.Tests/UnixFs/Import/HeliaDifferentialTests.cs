using System.Globalization;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>The same files and folders imported here and by @helia/unixfs of npm, an implementation of its own.</summary>
public sealed class HeliaDifferentialTests
{
    private static readonly string[] _names = ["a b", "100%", "%2Fx", "ünï", "日本語", "e\u0301", "😀", "UPPER", "tab\there", "#?&", "0", "00", "FF", "-dash", "trailing."];

    [Fact]
    public async Task Files_around_every_boundary_have_equal_cids()
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        foreach (UnixFsProfile profile in Profiles(64, 5))
        {
            // 5 links: two and three levels, of which the last is short, full, or a group of one
            foreach (int length in (int[])[0, 1, 63, 64, 65, 128, 4 * 64, 5 * 64, (5 * 64) + 1, 25 * 64, (25 * 64) + 1, 126 * 64, (126 * 64) + 7])
            {
                string path = folder.Write(Invariant($"f{length}"), new Random(length).Bytes(length));
                await oracle.AddAsync(path, new UnixFsImportOptions { Profile = profile });
            }
        }

        await oracle.CompareAsync();
    }

    [Fact]
    public async Task Files_around_the_chunk_of_each_profile_have_equal_cids()
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        byte[] content = new Random(6).Bytes((1 << 20) + 1);
        foreach (UnixFsProfile profile in (UnixFsProfile[])[UnixFsProfile.V0_2015, Importing.KuboCidV1, UnixFsProfile.V1_2025])
        {
            int chunk = profile.Chunker.MaxSize;
            foreach (int length in (int[])[0, 1, chunk - 1, chunk, chunk + 1])
            {
                string path = folder.Write(Invariant($"c{length}"), content.AsSpan(0, length));
                await oracle.AddAsync(path, new UnixFsImportOptions { Profile = profile });
            }
        }

        await oracle.CompareAsync();
    }

    [Theory]
    [InlineData(DirectorySizeRule.LinksBytes)]
    [InlineData(DirectorySizeRule.BlockBytes)]
    public async Task Folders_are_sharded_from_the_same_byte_on(DirectorySizeRule rule)
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        foreach (string name in (string[])["a b", "100% ünï", "日本語 😀"])
        {
            folder.Write(name, name);
        }

        // 135 and 163 bytes by one rule and the other
        for (int threshold = 120; threshold <= 180; threshold++)
        {
            UnixFsProfile profile = UnixFsProfile.V1_2025 with { DirectorySizeRule = rule, ShardingThreshold = threshold };
            await oracle.AddAsync(folder.Path, new UnixFsImportOptions { Profile = profile });
        }

        await oracle.CompareAsync();
        Assert.Equal(2, oracle.Cids.Distinct().Count());
    }

    [Fact]
    public async Task Files_of_174_175_1024_and_1025_leaves_have_equal_cids()
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        byte[] content = new Random(5).Bytes(1025 * 128);
        foreach (UnixFsProfile profile in (UnixFsProfile[])[UnixFsProfile.V0_2015, UnixFsProfile.V1_2025])
        {
            foreach (int leaves in (int[])[174, 175, 1024, 1025])
            {
                string path = folder.Write(Invariant($"l{leaves}"), content.AsSpan(0, leaves * 128));
                await oracle.AddAsync(path, new UnixFsImportOptions { Profile = profile with { Chunker = new SizeChunker(128) } });
            }
        }

        await oracle.CompareAsync();
    }

    [Fact]
    public async Task Trickle_files_have_equal_cids()
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        foreach (UnixFsProfile profile in Profiles(32, 3))
        {
            // up to the first subtree of depth 2
            for (int leaves = 1; leaves <= 24; leaves++)
            {
                string path = folder.Write(Invariant($"t{leaves}"), new Random(leaves).Bytes((leaves * 32) - (leaves % 3)));
                await oracle.AddAsync(path, new UnixFsImportOptions { Profile = profile with { Layout = UnixFsLayout.Trickle } });
            }
        }

        await oracle.CompareAsync();
    }

    [Theory]
    [InlineData(16)]
    [InlineData(256)]
    [InlineData(1024)]
    public async Task Sharded_folders_have_equal_cids(int fanout)
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        Random random = new(fanout);
        foreach (int count in (int[])[1, 2, 17, 700])
        {
            for (int i = 0; i < count; i++)
            {
                folder.Write(Invariant($"d{count}/{_names[i % _names.Length]} {random.Next():x}{i}"), random.Bytes(i % 5));
            }

            foreach (UnixFsProfile profile in Profiles(1024, 174))
            {
                await oracle.AddAsync(
                    Path.Combine(folder.Path, Invariant($"d{count}")),
                    new UnixFsImportOptions { Profile = profile with { ShardingThreshold = 20, ShardFanout = fanout } });
            }
        }

        await oracle.CompareAsync();
    }

    [Fact]
    public Task Random_trees_have_equal_cids() => Seeded.RunAsync(async random =>
    {
        using TempFolder folder = new();
        ImportOracle oracle = new();
        for (int i = 0; i < 24; i++)
        {
            string path = folder.Make(Invariant($"tree{i}"));
            Grow(random, path, 3);
            UnixFsProfile profile = new()
            {
                Chunker = new SizeChunker(random.Next(1, 2000)),
                RawLeaves = random.Next(2) == 0,
                CidVersion = random.Next(2),
                FileLinks = random.Next(2, 40),
                DirectorySizeRule = random.Next(2) == 0 ? DirectorySizeRule.BlockBytes : DirectorySizeRule.LinksBytes,
            };
            await oracle.AddAsync(path, new UnixFsImportOptions { Profile = profile, Hidden = true });
        }

        await oracle.CompareAsync();
    });

    [Fact]
    public async Task Modes_and_times_have_equal_cids()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no POSIX permissions");
            return;
        }

        using TempFolder folder = new();
        string path = folder.Make("kept");
        Grow(new Random(8), path, 2);
        folder.Write("kept/script", "#!/bin/sh\n");
        File.SetLastWriteTimeUtc(Path.Combine(path, "script"), new DateTime(1955, 11, 12, 6, 38, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(folder.Write("kept/half", new byte[5000]), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(5_000_001));
        if (NativeFiles.IsUsable)
        {
            NativeFiles.SetModified(Path.Combine(path, "half"), new UnixFsTime(1_767_323_045, 500_000_123));
        }

        folder.Write("kept/inner/empty", "");
        File.CreateSymbolicLink(Path.Combine(path, "link"), "../elsewhere/ä");
        foreach (string entry in Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Append(path))
        {
            // Helia leaves out 0644 of files and 0755 of folders, Kubo does not
            if (new FileInfo(entry).LinkTarget is null)
            {
                File.SetUnixFileMode(entry, (UnixFileMode)(Directory.Exists(entry) ? 0b111_101_000 : 0b110_100_000));
            }
        }

        ImportOracle oracle = new();
        UnixFsProfile profile = UnixFsProfile.V1_2025 with { RawLeaves = false };
        foreach (string entry in (string[])["", "script", "half"])
        {
            await oracle.AddAsync(Path.Combine(path, entry), new UnixFsImportOptions { Profile = profile, PreserveMode = true, PreserveTime = true, Hidden = true });
        }

        await oracle.AddAsync(
            path, new UnixFsImportOptions { Profile = profile with { ShardingThreshold = 200 }, PreserveMode = true, PreserveTime = true, Hidden = true });
        await oracle.CompareAsync();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static IEnumerable<UnixFsProfile> Profiles(int chunk, int links)
    {
        UnixFsProfile profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(chunk), FileLinks = links };
        yield return profile;
        yield return profile with { RawLeaves = false };
        yield return profile with { RawLeaves = false, CidVersion = 0, DirectorySizeRule = DirectorySizeRule.LinksBytes };
        yield return profile with { CidVersion = 0 };
    }

    private static void Grow(Random random, string path, int depth)
    {
        int count = random.Next(0, 9);
        for (int i = 0; i < count; i++)
        {
            string entry = Path.Combine(path, (random.Next(6) == 0 ? "." : "") + _names[random.Next(_names.Length)] + i.ToString(CultureInfo.InvariantCulture));
            switch (random.Next(depth > 0 ? 8 : 6))
            {
                case > 5:
                    Directory.CreateDirectory(entry);
                    Grow(random, entry, depth - 1);
                    break;
                case 5 when !OperatingSystem.IsWindows():
                    File.CreateSymbolicLink(entry, "../" + _names[random.Next(_names.Length)]);
                    break;
                default:
                    File.WriteAllBytes(entry, random.Bytes(random.Next(4) == 0 ? random.Next(60_000) : random.Next(600)));
                    break;
            }
        }
    }
}
