using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Tests.UnixFs.Import;

public sealed class UnixFsProfileTests
{
    [Fact]
    public void Profiles_are_found_by_name()
    {
        Assert.Equal(["unixfs-v1-2025", "unixfs-v0-2015"], UnixFsProfile.Names);
        Assert.All(UnixFsProfile.Names, name => Assert.True(UnixFsProfile.TryGet(name.ToUpperInvariant(), out _)));
        Assert.False(UnixFsProfile.TryGet("unixfs-v2", out _));
        Assert.False(UnixFsProfile.TryGet(null, out _));
    }

    [Fact]
    public void Each_value_out_of_range_is_refused()
    {
        UnixFsProfile profile = UnixFsProfile.V1_2025;
        Action[] wrong =
        [
            () => _ = profile with { CidVersion = 2 },
            () => _ = profile with { CidVersion = -1 },
            () => _ = profile with { FileLinks = 1 },
            () => _ = profile with { FileLinks = UnixFsProfile.MaxFileLinks + 1 },
            () => _ = profile with { Layout = (UnixFsLayout)2 },
            () => _ = profile with { DirectorySizeRule = (DirectorySizeRule)3 },
            () => _ = profile with { ShardingThreshold = 0 },
            () => _ = profile with { ShardingThreshold = 1024 * 1024 + 1 },
            () => _ = profile with { ShardFanout = 4 },
            () => _ = profile with { ShardFanout = 2048 },
            () => _ = profile with { ShardFanout = 24 },
            () => _ = new UnixFsImportOptions { MaxDepth = 0 },
            () => _ = new UnixFsImportOptions { MaxDepth = 1025 },
            () => _ = new UnixFsImportOptions { MaxParallelFiles = 0 },
            () => _ = new UnixFsImportOptions { MaxParallelFiles = 257 },
            () => _ = new UnixFsImportOptions { MaxBufferedBytes = 0 },
            () => _ = new UnixFsImportOptions { MaxBufferedBytes = (4L * 1024 * 1024 * 1024) + 1 },
            () => _ = new UnixFsImportOptions { Symlinks = (SymlinkRule)3 },
        ];

        Assert.All(wrong, call => Assert.Throws<ArgumentOutOfRangeException>(call));
    }

    [Fact]
    public void Values_that_contradict_each_other_are_refused()
    {
        UnixFsProfile profile = UnixFsProfile.V0_2015;
        Fails.With(DagErrorIds.InvalidProfile, "sha2-256", () => (profile with { HashCode = MultihashCode.Sha512 }).Validate());
        Fails.With(DagErrorIds.InvalidProfile, "hashed", () => (profile with { CidVersion = 1, HashCode = 0x9999 }).Validate());
        Fails.With(DagErrorIds.InvalidProfile, "no peer", () => (profile with { CidVersion = 1, HashCode = MultihashCode.Identity }).Validate());
        Fails.With(DagErrorIds.InvalidProfile, "Raw leaves", () => new UnixFsImportOptions { PreserveTime = true }.Validate());
        new UnixFsImportOptions { Profile = profile, PreserveTime = true, PreserveMode = true }.Validate();
    }
}
