using Bitswap.Multiformats;
using Bitswap.Node.Repositories;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Repositories;

public sealed class PinSetTests : IDisposable
{
    private const string Raw = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-02T03:04:05Z"));

    private string PinsFile => _folder["pins.json"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pins_outlive_the_set_that_made_them()
    {
        PinSet first = new(PinsFile, _clock);
        Assert.True(await first.AddAsync([Cid(1)], recursive: true, "a \"name\" with ä"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await first.AddAsync([Cid(2)], recursive: false));
        Assert.True(await first.AddAsync([Cid(3)], recursive: false));
        Assert.True(await first.RemoveAsync(Cid(3)));
        Assert.False(await first.RemoveAsync(Cid(3)));

        IReadOnlyList<Pin> read = new PinSet(PinsFile, _clock).List();
        Assert.Equal([new Pin(Cid(1), true, "a \"name\" with ä", DateTimeOffset.Parse("2026-01-02T03:04:05Z")), new Pin(Cid(2), false, null, _clock.GetUtcNow())], read);
        Assert.Equal([PinsFile], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_block_has_one_pin_whatever_the_version_of_the_cid()
    {
        PinSet pins = new(null, _clock);
        Cid v1 = Bitswap.Cid.Compute(Multicodec.DagPb, [1]);
        Assert.True(await pins.AddAsync([v1.ToV0()], recursive: false));
        Assert.False(await pins.AddAsync([v1], recursive: false));
        Assert.True(await pins.AddAsync([v1], recursive: true));
        Assert.True(Assert.Single(pins.List()).Recursive);
        Assert.NotNull(pins.Find(v1.ToV0()));
        Assert.Null(pins.Find(Cid(1)));
        Assert.True(await pins.RemoveAsync(v1.ToV0()));
        Assert.Empty(pins.List());
    }

    [Fact]
    public async Task The_number_of_pins_and_the_length_of_a_name_are_bounded()
    {
        PinSet pins = new(null, _clock, maxPins: 1);
        await pins.AddAsync([Cid(1)], recursive: true);
        await pins.AddAsync([Cid(1)], recursive: false, new string('n', PinSet.MaxNameLength));
        await Assert.ThrowsAsync<ArgumentException>(async () => await pins.AddAsync([Cid(1)], recursive: true, new string('n', PinSet.MaxNameLength + 1)));
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(async () => await pins.AddAsync([Cid(2)], recursive: true));
        Assert.Equal("TooManyPins", full.ErrorId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"version":2,"pins":[]}""")]
    [InlineData("""{"version":1,"pins":[{"cid":"nonsense","recursive":true,"created":"2026-01-02T03:04:05.0000000+00:00"}]}""")]
    [InlineData("""{"version":1,"pins":[{"recursive":true}]}""")]
    public void A_damaged_file_is_an_error_that_names_it_and_stays_as_it_is(string text)
    {
        File.WriteAllText(PinsFile, text);
        BitswapException error = Assert.Throws<BitswapException>(() => new PinSet(PinsFile, _clock));
        Assert.Equal("InvalidRepository", error.ErrorId);
        Assert.Contains(PinsFile, error.Message);
        Assert.Equal(text, File.ReadAllText(PinsFile));
    }

    [Theory]
    [InlineData(Raw, Raw, "is pinned twice")]
    [InlineData("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354", "is pinned twice")]
    [InlineData(Raw, "nonsense", "Not a CID")]
    public void A_pin_that_is_none_is_told_by_its_line(string first, string second, string why)
    {
        File.WriteAllText(PinsFile, $$"""
            {
              "version": 1,
              "pins": [
                { "cid": "{{first}}", "recursive": true, "created": "2026-01-02T03:04:05.0000000+00:00" },
                { "cid": "{{second}}", "recursive": true, "created": "2026-01-02T03:04:05.0000000+00:00" }
              ]
            }
            """);
        BitswapException error = Assert.Throws<BitswapException>(() => new PinSet(PinsFile, _clock));
        Assert.Equal("InvalidRepository", error.ErrorId);
        Assert.Contains(why, error.Message);
        Assert.Contains("line 5", error.Message);
    }

    [Fact]
    public async Task A_change_that_cannot_be_written_has_not_happened()
    {
        PinSet pins = new(Path.Combine(_folder.Path, "gone", "pins.json"), _clock);
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await pins.AddAsync([Cid(1)], recursive: true));
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Empty(pins.List());
    }

    private static Cid Cid(byte n) => Bitswap.Cid.Compute(Multicodec.Raw, [n]);
}
