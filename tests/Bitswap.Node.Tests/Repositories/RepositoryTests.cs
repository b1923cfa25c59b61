using System.Globalization;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Tests.Repositories;

public sealed class RepositoryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Home => _folder["home"];

    private string KeyFile => Path.Combine(Home, "identity.key");

    public void Dispose() => _folder.Dispose();

    private Task<Repository> OpenAsync(RepositoryOptions? options = null) => Repository.OpenAsync(Home, options, CancellationToken.None);

    private async Task<BitswapException> RefusedAsync(RepositoryOptions? options = null) =>
        await Assert.ThrowsAsync<BitswapException>(() => OpenAsync(options));

    [Fact]
    public async Task A_new_repository_has_a_key_blocks_and_a_lock()
    {
        await using Repository repository = await OpenAsync();
        Assert.Equal(Home, repository.Path);
        Assert.Equal(
            ["blocks", "identity.key", "repo.lock", "repo.pid"], Directory.EnumerateFileSystemEntries(Home).Select(Path.GetFileName).Order());
        Assert.Equal(repository.Identity.Encode(), File.ReadAllBytes(KeyFile));
        Assert.Equal(Path.Combine(Home, "blocks"), repository.Blocks.Path);
        Assert.True(File.Exists(Path.Combine(Home, "blocks", "SHARDING")));
    }

    [Fact]
    public async Task Only_the_owner_may_enter_the_folder_and_read_the_key()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using Repository repository = await OpenAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(Home), 8));
            Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(KeyFile), 8));
        }
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_restricted_when_it_is_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        Directory.CreateDirectory(Home);
        File.WriteAllBytes(KeyFile, PrivateKey.FromSeed(new byte[32]).Encode());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyFile, (UnixFileMode)Convert.ToInt32("644", 8));
            await using Repository repository = await OpenAsync();
            Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(KeyFile), 8));
        }
    }

    [Fact]
    public async Task Identity_and_blocks_stay_between_runs()
    {
        byte[] data = [1, 2, 3];
        Cid cid = Cid.CreateV1(0x55, Multihash.Compute(0x12, data));
        PeerId peer;
        await using (Repository first = await OpenAsync())
        {
            peer = first.Identity.PeerId;
            await first.Blocks.PutAsync(cid, data, CancellationToken.None);
        }

        await using Repository second = await OpenAsync();
        Assert.Equal(peer, second.Identity.PeerId);
        Assert.NotNull(await second.Blocks.GetAsync(cid, CancellationToken.None));
    }

    [Fact]
    public async Task The_key_is_in_the_form_that_kubo_reads()
    {
        // PrivateKey { Type: Ed25519, Data: seed and public key } of RFC 8032's first test vector.
        const string Seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        const string Public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        Directory.CreateDirectory(Home);
        File.WriteAllBytes(KeyFile, Convert.FromHexString("08011240" + Seed + Public));
        await using Repository repository = await OpenAsync();
        Assert.Equal(PrivateKey.FromSeed(Convert.FromHexString(Seed)).PeerId, repository.Identity.PeerId);
    }

    [Fact]
    public async Task A_second_node_is_refused_with_path_and_process_until_the_first_one_ends()
    {
        await using (Repository first = await OpenAsync())
        {
            BitswapException error = await RefusedAsync();
            Assert.Equal("StoreLocked", error.ErrorId);
            Assert.Equal(Home, error.Target);
            Assert.Contains(Home, error.Message, StringComparison.Ordinal);
            Assert.Contains("another node of this process", error.Message, StringComparison.Ordinal);
            Assert.Contains("Stop the node", error.Remedy, StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(Home, "repo.pid"), int.MaxValue.ToString(CultureInfo.InvariantCulture));
            Assert.Contains("process 2147483647", (await RefusedAsync()).Message, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(Home, "repo.pid"), "rubbish");
            Assert.Contains("by another process", (await RefusedAsync()).Message, StringComparison.Ordinal);
        }

        await using Repository next = await OpenAsync();
        Assert.Equal(
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture), File.ReadAllText(Path.Combine(Home, "repo.pid")));
    }

    [Fact]
    public async Task Of_many_who_open_at_once_one_has_it()
    {
        for (int round = 0; round < 10; round++)
        {
            object?[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                try
                {
                    return (object)await OpenAsync();
                }
                catch (BitswapException error)
                {
                    return error.ErrorId;
                }
            }));
            Repository one = Assert.Single(results.OfType<Repository>());
            Assert.Equal(7, results.Count(result => result is "StoreLocked"));
            await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task Files_that_a_process_left_behind_when_it_died_do_not_lock()
    {
        Directory.CreateDirectory(Home);
        File.WriteAllText(Path.Combine(Home, "repo.lock"), "");
        File.WriteAllText(Path.Combine(Home, "repo.pid"), "1");
        File.WriteAllText(Path.Combine(Home, ".identity-0123.tmp"), "half a secret");
        await using Repository repository = await OpenAsync();
        Assert.False(File.Exists(Path.Combine(Home, ".identity-0123.tmp")));
    }

    public static TheoryData<byte[]> BrokenKeys =>
    [
        Array.Empty<byte>(),
        "rubbish"u8.ToArray(),
        PrivateKey.FromSeed(new byte[32]).Encode()[..^1],
        PrivateKey.FromSeed(new byte[32]).Encode().Append((byte)0).ToArray(),
        PrivateKey.FromSeed(new byte[32]).Encode().SkipLast(1).Append((byte)0).ToArray(),
        new byte[20_000],
    ];

    [Theory]
    [MemberData(nameof(BrokenKeys), DisableDiscoveryEnumeration = true)]
    public async Task A_broken_key_file_is_refused_and_left_as_it_is(byte[] content)
    {
        Directory.CreateDirectory(Home);
        File.WriteAllBytes(KeyFile, content);
        BitswapException error = await RefusedAsync();
        Assert.Equal("InvalidKey", error.ErrorId);
        Assert.Equal(KeyFile, error.Target);
        Assert.Contains(KeyFile, error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllBytes(KeyFile));

        // The lock is let go with the error.
        File.Delete(KeyFile);
        await using Repository repository = await OpenAsync();
    }

    [Fact]
    public async Task A_given_identity_is_kept_by_a_new_repository_and_must_be_that_of_another()
    {
        PrivateKey mine = PrivateKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray()), other = PrivateKey.Generate();
        await using (Repository repository = await OpenAsync(new RepositoryOptions { Identity = mine }))
        {
            Assert.Equal(mine.PeerId, repository.Identity.PeerId);
        }

        await using (Repository repository = await OpenAsync(new RepositoryOptions { Identity = mine }))
        {
            Assert.Equal(mine.PeerId, repository.Identity.PeerId);
        }

        BitswapException error = await RefusedAsync(new RepositoryOptions { Identity = other });
        Assert.Equal("IdentityMismatch", error.ErrorId);
        Assert.Contains(mine.PeerId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(other.PeerId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal(mine.Encode(), File.ReadAllBytes(KeyFile));
    }

    [Theory]
    [InlineData("config", "datastore_spec", "version")]
    [InlineData("datastore_spec")]
    [InlineData("config", "version")]
    public async Task A_kubo_repository_is_not_taken_for_one_and_its_blocks_can_be_served(params string[] files)
    {
        Directory.CreateDirectory(Home);
        Array.ForEach(files, file => File.WriteAllText(Path.Combine(Home, file), ""));
        await using (FlatFileBlockstore kubo = new(Path.Combine(Home, "blocks")))
        {
            string[] before = [.. Directory.EnumerateFileSystemEntries(Home).Order()];
            BitswapException error = await RefusedAsync();
            Assert.Equal("InvalidRepository", error.ErrorId);
            Assert.Contains(kubo.Path, error.Remedy, StringComparison.Ordinal);
            Assert.Equal(before, Directory.EnumerateFileSystemEntries(Home).Order());
        }
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_is_an_error_of_the_store()
    {
        File.WriteAllText(Home, "");
        BitswapException error = await RefusedAsync();
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Contains(Home, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_block_folder_lets_the_lock_go_again()
    {
        Directory.CreateDirectory(Home);
        File.WriteAllText(Path.Combine(Home, "blocks"), "");
        Assert.Equal("StoreFailed", (await RefusedAsync()).ErrorId);
        File.Delete(Path.Combine(Home, "blocks"));
        await using Repository repository = await OpenAsync();
    }

    [Fact]
    public async Task Closing_twice_is_once_and_closes_the_blocks()
    {
        Repository repository = await OpenAsync();
        await repository.DisposeAsync();
        await repository.DisposeAsync();
        Assert.False(File.Exists(Path.Combine(Home, "repo.pid")));
        Cid cid = Cid.CreateV1(0x55, Multihash.Compute(0x12, []));
        await Assert.ThrowsAsync<BitswapException>(async () => await repository.Blocks.GetAsync(cid, CancellationToken.None));
    }
}
