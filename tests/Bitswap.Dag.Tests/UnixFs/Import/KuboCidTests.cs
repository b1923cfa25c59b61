using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>
/// CIDs that Kubo's own tests publish: <c>test/cli/cid_profiles_test.go</c> (those of IPIP-499) and <c>test/sharness/t0040-add-and-cat.sh</c>.
/// </summary>
public sealed class KuboCidTests
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz01234567890-_";

    public static TheoryData<string, string, long, string> Files => new()
    {
        { "unixfs-v0-2015", "chunk-v0-seed", 262144, "QmWmRj3dFDZdb6ABvbmKhEL6TmPbAfBZ1t5BxsEyJrcZhE" },
        { "unixfs-v0-2015", "chunk-v0-seed", 262145, "QmYyLxtzZyW22zpoVAtKANLRHpDjZtNeDjQdJrcQNWoRkJ" },
        { "unixfs-v0-2015", "v0-seed", 174 * 262144, "QmUbBALi174SnogsUzLpYbD4xPiBSFANF4iztWCsHbMKh2" },
        { "unixfs-v0-2015", "v0-seed", (174 * 262144) + 1, "QmV81WL765sC8DXsRhE5fJv2rwhS4icHRaf3J9Zk5FdRnW" },
        { "unixfs-v1-2025", "chunk-v1-seed", 1048576, "bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta" },
        { "unixfs-v1-2025", "chunk-v1-seed", 1048577, "bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu64" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_around_a_boundary_has_the_cid_of_kubo(string profileName, string seed, long length, string cid)
    {
        Assert.True(UnixFsProfile.TryGet(profileName, out UnixFsProfile? profile));
        await using var content = new ChaCha20Stream(seed, length);

        Assert.Equal(cid, await Importing.CidOf(content, profile));
    }

    [Theory]
    [InlineData("unixfs-v0-2015", "hamt-unixfs-v0-2015", 4096, 30, 30, "QmX5GtRk3TSSEHtdrykgqm4eqMEn3n2XhfkFAis5fjyZmN")]
    [InlineData("unixfs-v0-2015", "hamt-unixfs-v0-2015", 4033, 31, 31, "QmeMiJzmhpJAUgynAcxTQYek5PPKgdv3qEvFsdV3XpVnvP")]
    [InlineData("unixfs-v1-2025", "hamt-unixfs-v1-2025", 4766, 11, 21, "bafybeic3h7rwruealwxkacabdy45jivq2crwz6bufb5ljwupn36gicplx4")]
    [InlineData("unixfs-v1-2025", "hamt-unixfs-v1-2025", 4766, 11, 22, "bafybeiegvuterwurhdtkikfhbxcldohmxp566vpjdofhzmnhv6o4freidu")]
    public async Task A_directory_at_the_threshold_and_a_byte_over_it_has_the_cid_of_kubo(
        string profileName, string seed, int count, int nameLength, int lastNameLength, string cid)
    {
        Assert.True(UnixFsProfile.TryGet(profileName, out UnixFsProfile? profile));
        using TempFolder folder = new();
        await using var random = new ChaCha20Stream(seed, 1024 * 1024);
        for (int i = 0; i < count; i++)
        {
            byte[] name = new byte[i == count - 1 ? lastNameLength : nameLength];
            random.ReadExactly(name);
            folder.Write(string.Concat(name.Select(value => Alphabet[value % Alphabet.Length])), "x");
        }

        Assert.Equal(cid, await Importing.CidOf(folder.Path, profile));
    }

    [Theory]
    [InlineData("hello world", "unixfs-v0-2015", "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD")]
    [InlineData("hello world", "unixfs-v1-2025", "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e")]
    [InlineData("", "unixfs-v0-2015", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH")]
    [InlineData("", "unixfs-v1-2025", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")]
    [InlineData("Hello Worlds!\n", "unixfs-v0-2015", "QmVr26fY1tKyspEJBniVhqxQeEjhF78XerGiqWAwraVLQH")]
    [InlineData("Hello Neptune!\nHello Pluton!", "unixfs-v0-2015", "QmZDhWpi8NvKrekaYYhxKCdNVGWsFFe1CREnAjP1QbPaB3")]
    public async Task A_small_file_has_the_cid_of_kubo(string text, string profileName, string cid)
    {
        Assert.True(UnixFsProfile.TryGet(profileName, out UnixFsProfile? profile));
        using TempFolder folder = new();

        Assert.Equal(cid, await Importing.CidOf(folder.Write("file", text), profile));
    }

    [Fact]
    public async Task The_trickle_layout_and_each_way_to_hash_have_the_cids_of_kubo()
    {
        using TempFolder folder = new();
        string hello = folder.Write("hello.txt", "Hello Worlds!\n");
        string world = folder.Write("world", "hello world");

        Assert.Equal(
            "QmUkUQgxXeggyaD5Ckv8ZqfW8wHBX6cYyeiyqvVZYzq5Bi",
            await Importing.CidOf(hello, UnixFsProfile.V0_2015 with { Layout = UnixFsLayout.Trickle }));
        Assert.Equal(
            "QmVr26fY1tKyspEJBniVhqxQeEjhF78XerGiqWAwraVLQH",
            await Importing.CidOf(hello, UnixFsProfile.V0_2015 with { Chunker = Chunker.Parse("rabin-36-512-1024") }));
        Assert.Equal(
            "QmVr26fY1tKyspEJBniVhqxQeEjhF78XerGiqWAwraVLQH",
            await Importing.CidOf(hello, UnixFsProfile.V0_2015 with { Chunker = Chunker.Parse("buzhash") }));
        Assert.Equal(
            "bafybeihykld7uyxzogax6vgyvag42y7464eywpf55gxi5qpoisibh3c5wa",
            await Importing.CidOf(world, Importing.KuboCidV1 with { RawLeaves = false }));
        Assert.Equal(
            "bafkrgqbqt3gerhas23vuzrapkdeqf4vu2dwxp3srdj6hvg6nhsug2tgyn6mj3u23yx7utftq3i2ckw2fwdh5qmhid5qf3t35yvkc5e5ottlw6",
            await Importing.CidOf(world, Importing.KuboCidV1 with { HashCode = MultihashCode.Sha512 }));
    }

    [Fact]
    public async Task A_folder_has_the_cid_of_kubo_under_each_combination_of_options()
    {
        using TempFolder folder = new();
        folder.Write("mars.txt", "Hello Mars!\n");
        folder.Write("venus.txt", "Hello Venus!\n");
        UnixFsProfile v0 = UnixFsProfile.V0_2015;
        Assert.True(Multicodec.TryGetCode("blake2b-256", out ulong blake));

        Assert.Equal("QmWSgS32xQEcXMeqd3YPJLrNBLSdsfYCep2U7CFkyrjXwY", await Importing.CidOf(folder.Path, v0));
        Assert.Equal("QmfWfQfKCY5Ukv9peBbxM5vqWM9BzmqUSXvdCgjT2wsiBT", await Importing.CidOf(folder.Path, v0 with { RawLeaves = true }));
        Assert.Equal("bafybeih7e5dmkyk25up5vxug4q3hrg2fxbzf23dfrac2fns5h7z4aa7ioi", await Importing.CidOf(folder.Path, Importing.KuboCidV1));
        Assert.Equal(
            "bafybeif5tuep5ap2d7zyhbktucey75aoacxufgt6i3v4gebmixyipnyp7y",
            await Importing.CidOf(folder.Path, Importing.KuboCidV1 with { RawLeaves = false }));
        Assert.Equal(
            "bafykbzaceaptbcs7ik5mdfpot3b4ackvxlwh7loc5jcrtkayf64ukl7zyk46e",
            await Importing.CidOf(folder.Path, Importing.KuboCidV1 with { HashCode = blake }));
    }

    [Fact]
    public async Task A_folder_in_a_folder_has_the_cid_of_kubo()
    {
        using TempFolder folder = new();
        folder.Write("jupiter/europa.txt", "Hello Europa!\n");
        folder.Write("saturn/titan.txt", "Hello Titan!\n");
        folder.Write("mercury.txt", "hey you are no moon!\n");

        Assert.Equal("QmbGoaQZm8kjYfCiN1aBsgwhqfUBGDYTrDb91Mz7Dvq81B", await Importing.CidOf(folder.Path, UnixFsProfile.V0_2015));
    }

    [Theory]
    [InlineData("unixfs-v0-2015", "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn")]
    [InlineData("unixfs-v1-2025", "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354")]
    public async Task An_empty_folder_has_the_cid_of_kubo(string profileName, string cid)
    {
        Assert.True(UnixFsProfile.TryGet(profileName, out UnixFsProfile? profile));
        using TempFolder folder = new();

        Assert.Equal(cid, await Importing.CidOf(folder.Path, profile));
    }
}
