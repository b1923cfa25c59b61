using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Multistream;

namespace Bitswap.Libp2p.Tests.Multistream;

public sealed class LazySelectionTests
{
    private static readonly byte[] _proposal = "\u0013/multistream/1.0.0\n\u0003/a\n"u8.ToArray();

    [Fact]
    public async Task The_first_data_travels_with_the_proposal_in_one_write()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        await lazy.WriteAsync("question"u8.ToArray(), default).Within();
        Assert.Equal([.. _proposal, .. "question"u8], Assert.Single(dialer.Writes));

        Assert.Equal("/a", await MultistreamSelect.AcceptAsync(listener, ["/a"], null, default).Within());
        Assert.Equal("question"u8.ToArray(), await listener.ReadUpToAsync(8));
        await listener.WriteAsync("answer"u8.ToArray(), default);
        Assert.False(lazy.IsGranted);
        Assert.Equal("answer"u8.ToArray(), await lazy.ReadUpToAsync(6));
        Assert.True(lazy.IsGranted);

        await lazy.WriteAsync("more"u8.ToArray(), default).Within();
        Assert.Equal("more"u8.ToArray(), dialer.Writes[^1]);
    }

    [Fact]
    public async Task Large_first_data_arrives_whole()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        byte[] data = new byte[100_000];
        new Random(1).NextBytes(data);
        await lazy.WriteAsync(data, default).Within();
        Assert.Equal("/a", await MultistreamSelect.AcceptAsync(listener, ["/a"], null, default).Within());
        Assert.Equal(data, await listener.ReadUpToAsync(data.Length));
    }

    [Fact]
    public async Task A_reader_that_comes_first_proposes_and_the_writer_behind_it_does_not_again()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        byte[] answer = new byte[6];
        Task<int> reading = lazy.ReadAsync(answer, default).AsTask();
        await lazy.WriteAsync("question"u8.ToArray(), default).Within();
        Assert.Equal([.. _proposal, .. "question"u8], dialer.Writes.SelectMany(w => w).ToArray());
        await MultistreamSelect.AcceptAsync(listener, ["/a"], null, default).Within();
        await listener.WriteAsync("answer"u8.ToArray(), default);
        Assert.Equal(6, await reading.Within());
        Assert.Equal("answer"u8.ToArray(), answer);
    }

    [Fact]
    public async Task A_refusal_shows_at_the_first_read_and_at_every_later_one()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        await lazy.WriteAsync("q"u8.ToArray(), default).Within();
        await listener.WriteAsync("\u0013/multistream/1.0.0\n\u0003na\n"u8.ToArray(), default);
        for (int i = 0; i < 2; i++)
        {
            Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => lazy.ReadAsync(new byte[1], default).Within());
            Assert.Equal(Libp2pErrorIds.ProtocolNotSupported, e.ErrorId);
        }
    }

    [Fact]
    public async Task A_dialer_that_only_proposes_sends_the_proposal_once()
    {
        (MemoryChannel dialer, MemoryChannel _) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        await lazy.ProposeAsync(default).Within();
        await lazy.ProposeAsync(default).Within();
        Assert.Equal(_proposal, Assert.Single(dialer.Writes));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_in_the_middle_of_the_answer_is_taken_up_by_the_next()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        byte[] answer = "\u0013/multistream/1.0.0\n\u0003/a\nanswer"u8.ToArray();
        byte[] got = new byte[6];
        // every cut but the last leaves the read waiting
        for (int i = 0; i < answer.Length - 6; i++)
        {
            await listener.WriteAsync(answer.AsMemory(i, 1), default);
            using CancellationTokenSource cts = new();
            Task<int> reading = lazy.ReadAsync(got, cts.Token).AsTask();
            Assert.False(reading.IsCompleted);
            await cts.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Within());
        }
        await listener.WriteAsync(answer.AsMemory(answer.Length - 6), default);
        Assert.Equal(6, await lazy.ReadAsync(got, default).Within());
        Assert.Equal("answer"u8.ToArray(), got);
    }

    [Fact]
    public async Task A_write_cancelled_beforehand_proposes_nothing_and_a_failed_one_is_not_retried()
    {
        (MemoryChannel dialer, MemoryChannel listener) = MemoryChannel.CreatePair();
        using LazySelection lazy = new(dialer, "/a");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lazy.WriteAsync("q"u8.ToArray(), new CancellationToken(true)).Within());
        Assert.Empty(dialer.Writes);

        dialer.CloseWrite();
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => lazy.WriteAsync("q"u8.ToArray(), default).Within());
        Assert.Equal(Libp2pErrorIds.ConnectionClosed, e.ErrorId);
        e = await Assert.ThrowsAsync<Libp2pException>(() => lazy.ReadAsync(new byte[1], default).Within());
        Assert.Equal(Libp2pErrorIds.NegotiationFailed, e.ErrorId);
        Assert.False(listener.IsAborted);
    }
}
