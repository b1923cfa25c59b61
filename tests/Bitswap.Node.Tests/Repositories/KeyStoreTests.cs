using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Repositories;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Repositories;

public sealed class KeyStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_is_there_again_when_its_repository_is_opened_again_and_nobody_else_can_read_it()
    {
        PeerId made;
        PeerId self;
        await using (NodeHost node = await StartAsync())
        {
            self = node.PeerId;
            made = node.Keys.Create("blog").Key.PeerId;
            Assert.NotEqual(self, made);
            Assert.Equal([self, made], node.Keys.Names().Select(name => node.Keys.Get(name).Key.PeerId));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(_folder["keys"]), 8));
            Assert.Equal("600", TempFolder.ModeOf(_folder["keys/blog.key"]));
        }

        // the form in which Kubo exports keys
        Assert.Equal(made, PrivateKey.Decode(await File.ReadAllBytesAsync(_folder["keys/blog.key"])).PeerId);
        await using NodeHost again = await StartAsync();
        Assert.Equal(["self", "blog"], again.Keys.Names());
        Assert.Equal((self, made), (again.Keys.Get("SELF").Key.PeerId, again.Keys.Get("Blog").Key.PeerId));
        Assert.Equal(File.GetLastWriteTimeUtc(_folder["keys/blog.key"]), again.Keys.Get("blog").Created.UtcDateTime);
        again.Keys.Remove("BLOG");
        Assert.False(File.Exists(_folder["keys/blog.key"]));
        Assert.Equal("KeyNotFound", Assert.Throws<BitswapException>(() => again.Keys.Get("blog")).ErrorId);
        Assert.Equal("KeyNotFound", Assert.Throws<BitswapException>(() => again.Keys.Remove("blog")).ErrorId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData(@"a\b")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a*")]
    [InlineData("a b")]
    [InlineData("c:x")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("CON")]
    [InlineData("com1.x")]
    [InlineData("self")]
    [InlineData("Self")]
    [InlineData("a1234567890123456789012345678901234567890123456789012345678901234")]
    public void Some_texts_are_no_name_of_a_key(string name)
    {
        KeyStore keys = new(null, NameRecords.Key(1), _clock);
        Assert.Equal("InvalidKeyName", Assert.Throws<BitswapException>(() => keys.Create(name)).ErrorId);
        Assert.Equal(["self"], keys.Names());
    }

    [Fact]
    public void A_name_and_a_key_are_there_once_and_the_own_key_stays()
    {
        KeyStore keys = new(null, NameRecords.Key(1), _clock, maxKeys: 2);
        NamedKey made = keys.Create("console", NameRecords.Key(2));
        Assert.Equal(("console", _clock.GetUtcNow()), (made.Name, made.Created));
        Assert.Equal("KeyExists", Assert.Throws<BitswapException>(() => keys.Create("Console")).ErrorId);
        Assert.Contains("'console'", Assert.Throws<BitswapException>(() => keys.Create("other", NameRecords.Key(2))).Message, StringComparison.Ordinal);
        Assert.Equal("KeyExists", Assert.Throws<BitswapException>(() => keys.Create("other", NameRecords.Key(1))).ErrorId);
        Assert.Equal("InvalidKeyName", Assert.Throws<BitswapException>(() => keys.Remove("self")).ErrorId);
        keys.Create("other");
        Assert.Equal("LimitExceeded", Assert.Throws<BitswapException>(() => keys.Create("third")).ErrorId);
        keys.Remove("CONSOLE");
        Assert.Equal(["self", "other"], keys.Names());
    }

    [Fact]
    public async Task A_file_without_a_key_is_an_error_of_that_key_alone_and_can_be_removed()
    {
        Directory.CreateDirectory(_folder["keys"]);
        await File.WriteAllTextAsync(_folder["keys/bad.key"], "no key");
        await File.WriteAllTextAsync(_folder["keys/.key-0.tmp"], "cut short");
        await using NodeHost node = await StartAsync();
        Assert.False(File.Exists(_folder["keys/.key-0.tmp"]));
        node.Keys.Create("good");
        Assert.Equal(["self", "bad", "good"], node.Keys.Names());
        Assert.Equal("InvalidKey", Assert.Throws<BitswapException>(() => node.Keys.Get("bad")).ErrorId);
        Assert.Equal((null, null), await node.NamePublisher.RemoveKeyAsync("bad", CancellationToken.None));
        Assert.Equal(["self", "good"], node.Keys.Names());
    }

    [Fact]
    public async Task A_key_is_not_written_through_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        await using NodeHost node = await StartAsync();
        node.Keys.Create("first");
        File.CreateSymbolicLink(_folder["keys/blog.key"], _folder["elsewhere"]);
        Assert.Equal("KeyExists", Assert.Throws<BitswapException>(() => node.Keys.Create("blog")).ErrorId);
        Assert.False(File.Exists(_folder["elsewhere"]));
    }

    [Fact]
    public async Task A_key_that_others_could_read_is_told_and_mended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no mode there.");
        await using (NodeHost node = await StartAsync())
        {
            node.Keys.Create("blog");
        }

        TempFolder.SetMode(_folder["keys/blog.key"], "644");
        await using NodeHost again = await StartAsync();
        Assert.Contains("blog.key", Assert.Single(again.Warnings), StringComparison.Ordinal);
        Assert.Equal("600", TempFolder.ModeOf(_folder["keys/blog.key"]));
    }

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Path = _folder.Path });
}
