using System.Text;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Multistream;

namespace Bitswap.Libp2p.Tests.Multistream;

public sealed class MultistreamSelectTests
{
    private const string Bitswap12 = "/ipfs/bitswap/1.2.0";
    private static readonly byte[] _header = "\u0013/multistream/1.0.0\n"u8.ToArray();

    [Fact]
    public async Task Greeting_and_first_proposal_go_out_in_one_write_and_are_answered_in_one()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        Task<string> selecting = MultistreamSelect.SelectAsync(dialer, ["/noise"], default).AsTask();
        Assert.Equal("/noise", await MultistreamSelect.AcceptAsync(listener, ["/tls/1.0.0", "/noise"], null, default).Within());
        Assert.Equal("/noise", await selecting.Within());
        byte[] expected = [.. _header, 0x07, .. "/noise\n"u8];
        Assert.Equal(expected, Assert.Single(dialer.Writes));
        Assert.Equal(expected, Assert.Single(listener.Writes));
    }

    [Fact]
    public async Task The_dialer_falls_back_in_its_order()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        Task<string> selecting = MultistreamSelect.SelectAsync(dialer, ["/a", "/b", "/c"], default).AsTask();
        Assert.Equal("/b", await MultistreamSelect.AcceptAsync(listener, ["/c", "/b"], null, default).Within());
        Assert.Equal("/b", await selecting.Within());
        Assert.Equal([[.. _header, .. "\u0003/a\n"u8], "\u0003/b\n"u8.ToArray()], dialer.Writes);
        Assert.Equal([.. _header, .. "\u0003na\n\u0003/b\n"u8], listener.Writes.SelectMany(w => w).ToArray());
    }

    [Fact]
    public async Task A_dialer_that_is_refused_throughout_gets_ProtocolNotSupported_with_the_names()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        Task<string> accepting = MultistreamSelect.AcceptAsync(listener, ["/x"], null, default).AsTask();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => MultistreamSelect.SelectAsync(dialer, ["/a", "/b"], default).Within());
        Assert.Equal(Libp2pErrorIds.ProtocolNotSupported, e.ErrorId);
        Assert.Contains("/a, /b", e.Message, StringComparison.Ordinal);
        dialer.CloseWrite();
        e = await Assert.ThrowsAsync<Libp2pException>(() => accepting.Within());
        Assert.Equal(Libp2pErrorIds.NegotiationFailed, e.ErrorId);
    }

    [Fact]
    public async Task A_dialer_that_waits_for_the_greeting_before_it_proposes_is_served()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        Task<string> accepting = MultistreamSelect.AcceptAsync(listener, [Bitswap12], null, default).AsTask();
        await dialer.WriteAsync(_header, default);
        Assert.Equal(_header, await dialer.ReadUpToAsync(_header.Length));
        await dialer.WriteAsync("\u0014/ipfs/bitswap/1.2.0\n"u8.ToArray(), default);
        Assert.Equal(Bitswap12, await accepting.Within());
        Assert.Equal("\u0014/ipfs/bitswap/1.2.0\n"u8.ToArray(), await dialer.ReadUpToAsync(21));
    }

    [Fact]
    public async Task A_listener_that_greets_first_is_understood()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        await listener.WriteAsync(_header, default);
        Task<string> selecting = MultistreamSelect.SelectAsync(dialer, ["/a"], default).AsTask();
        await listener.WriteAsync("\u0003/a\n"u8.ToArray(), default);
        Assert.Equal("/a", await selecting.Within());
    }

    [Fact]
    public async Task Data_right_behind_the_last_message_is_left_for_the_protocol_on_both_sides()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        await dialer.WriteAsync((byte[])[.. _header, .. "\u0003/a\n"u8, .. "question"u8], default);
        Assert.Equal("/a", await MultistreamSelect.AcceptAsync(listener, ["/a"], null, default).Within());
        Assert.Equal("question"u8.ToArray(), await listener.ReadUpToAsync(8));

        (dialer, listener) = MemoryChannel.CreatePair();
        await listener.WriteAsync((byte[])[.. _header, .. "\u0003/a\n"u8, .. "answer"u8], default);
        Assert.Equal("/a", await MultistreamSelect.SelectAsync(dialer, ["/a"], default).Within());
        Assert.Equal("answer"u8.ToArray(), await dialer.ReadUpToAsync(6));
    }

    [Fact]
    public async Task Bytes_that_come_one_at_a_time_make_no_difference()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair(maxReceive: 1);
        string @long = "/" + new string('p', 300);
        Task<string> selecting = MultistreamSelect.SelectAsync(dialer, ["/a", @long], default).AsTask();
        Assert.Equal(@long, await MultistreamSelect.AcceptAsync(listener, [@long], null, default).Within());
        Assert.Equal(@long, await selecting.Within());
    }

    [Fact]
    public async Task A_listing_holds_a_message_for_every_protocol()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        await dialer.WriteAsync((byte[])[.. _header, .. "\u0003ls\n\u0003/b\n"u8], default);
        Assert.Equal("/b", await MultistreamSelect.AcceptAsync(listener, ["/a", "/b"], null, default).Within());
        byte[] expected = [.. _header, 9, .. "\u0003/a\n\u0003/b\n\n"u8, .. "\u0003/b\n"u8];
        Assert.Equal(expected, Assert.Single(listener.Writes));
    }

    [Fact]
    public async Task A_listing_never_exceeds_the_largest_message()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        string[] protocols = [.. Enumerable.Range(100, 100).Select(i => $"/protocol/number/{i}")];
        await dialer.WriteAsync((byte[])[.. _header, .. "\u0003ls\n\u0003/x\n"u8], default);
        Task<string> accepting = MultistreamSelect.AcceptAsync(listener, protocols, null, default).AsTask();
        using MultistreamReader reader = new(dialer);
        await reader.ReadHeaderAsync(default).Within();
        ReadOnlyMemory<byte> listing = await reader.ReadAsync(default).Within();
        Assert.InRange(listing.Length, 1000, MultistreamMessage.MaxLength - 1);
        Assert.Equal("na", Encoding.ASCII.GetString((await reader.ReadAsync(default).Within()).Span));
        dialer.Abort();
        await Assert.ThrowsAsync<Libp2pException>(() => accepting.Within());
    }

    [Fact]
    public async Task A_dialer_that_proposes_without_end_is_cut_off()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        MultistreamOptions options = new() { MaxProposals = 3 };
        await dialer.WriteAsync((byte[])[.. _header, .. "\u0003/a\n\u0003ls\n\u0003/b\n\u0003/c\n"u8], default);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => MultistreamSelect.AcceptAsync(listener, ["/c"], options, default).Within());
        Assert.Equal(Libp2pErrorIds.LimitExceeded, e.ErrorId);

        (dialer, listener) = MemoryChannel.CreatePair();
        await dialer.WriteAsync((byte[])[.. _header, .. "\u0003/a\n\u0003ls\n\u0003/c\n"u8], default);
        Assert.Equal("/c", await MultistreamSelect.AcceptAsync(listener, ["/c"], options, default).Within());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(4097)]
    public void A_limit_out_of_range_is_refused(int proposals) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultistreamOptions { MaxProposals = proposals });

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "another greeting", "\u000a/multi/99\n"u8.ToArray() },
        { "no newline", [.. _header[..^1], 0x20] },
        { "an empty message", [0x00] },
        { "a length that is not minimal", [0x93, 0x00, .. _header[1..]] },
        { "1025 bytes", [0x81, 0x08, .. new byte[1025]] },
        { "a length of three bytes", [0x80, 0x80, 0x01] },
        { "the end before anything", [] },
        { "short by one", _header[..^1] },
        { "HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_is_no_greeting_fails_both_sides_with_NegotiationFailed(string what, byte[] bytes)
    {
        foreach (bool asDialer in (bool[])[true, false])
        {
            (MemoryChannel one, MemoryChannel other) = MemoryChannel.CreatePair();
            await other.WriteAsync(bytes, default);
            other.CloseWrite();
            Task<string> negotiating = asDialer
                ? MultistreamSelect.SelectAsync(one, ["/a"], default).AsTask()
                : MultistreamSelect.AcceptAsync(one, ["/a"], null, default).AsTask();
            Libp2pException e = await Assert.ThrowsAnyAsync<Libp2pException>(() => negotiating.Within());
            Assert.True(e.ErrorId == Libp2pErrorIds.NegotiationFailed, $"{what}: {e.ErrorId}");
        }
    }

    [Fact]
    public async Task An_answer_that_is_neither_the_proposal_nor_na_fails()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        await listener.WriteAsync((byte[])[.. _header, .. "\u0005\u001b[2J\n"u8], default);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => MultistreamSelect.SelectAsync(dialer, ["/a"], default).Within());
        Assert.Equal(Libp2pErrorIds.NegotiationFailed, e.ErrorId);
        Assert.Contains("'?[2J'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_largest_message_passes()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        string largest = "/" + new string('p', MultistreamMessage.MaxLength - 2);
        Task<string> selecting = MultistreamSelect.SelectAsync(dialer, [largest], default).AsTask();
        Assert.Equal(largest, await MultistreamSelect.AcceptAsync(listener, [largest], null, default).Within());
        Assert.Equal(largest, await selecting.Within());
        await Assert.ThrowsAsync<ArgumentException>(() => MultistreamSelect.SelectAsync(dialer, [largest + "p"], default).Within());
        await Assert.ThrowsAsync<ArgumentException>(() => MultistreamSelect.SelectAsync(dialer, ["/a\n/b"], default).Within());
    }

    [Fact]
    public async Task A_negotiation_that_nobody_answers_ends_when_it_is_cancelled()
    {
        foreach (bool asDialer in (bool[])[true, false])
        {
            (MemoryChannel one, MemoryChannel _) = MemoryChannel.CreatePair();
            using CancellationTokenSource cts = new();
            Task<string> negotiating = asDialer
                ? MultistreamSelect.SelectAsync(one, ["/a"], cts.Token).AsTask()
                : MultistreamSelect.AcceptAsync(one, ["/a"], null, cts.Token).AsTask();
            Assert.False(negotiating.IsCompleted);
            await cts.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => negotiating.Within());
        }
    }

    [Fact]
    public async Task A_listener_whose_write_fails_while_it_waits_for_the_dialer_fails_too()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        await dialer.WriteAsync(_header, default);
        listener.CloseWrite();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => MultistreamSelect.AcceptAsync(listener, ["/a"], null, default).Within());
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, e.ErrorId);
    }
}
