using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bitswap.Tests.Shared;

/// <summary>A name server on loopback, over UDP (RFC 1035), that answers questions for TXT records with what a test gives it.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private const int HeaderLength = 12;
    private const int MaxString = 255;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public DnsServer()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The texts of each name; other names do not exist.</summary>
    public ConcurrentDictionary<string, string[]> Texts { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that it was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                await _socket.SendToAsync(Answer(buffer.AsSpan(0, received.ReceivedBytes)), SocketFlags.None, received.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> question)
    {
        int end = HeaderLength;
        List<string> labels = [];
        while (question[end] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(question.Slice(end + 1, question[end])));
            end += 1 + question[end];
        }

        end += 1 + sizeof(ushort) + sizeof(ushort);
        string name = string.Join('.', labels);
        Asked.Enqueue(name);
        bool exists = Texts.TryGetValue(name, out string[]? texts);
        List<byte> answer = [.. question[..end]];
        answer[2] = 0x81; // an answer, with recursion asked for
        answer[3] = (byte)(exists ? 0x80 : 0x83);
        answer[7] = (byte)(texts?.Length ?? 0);
        answer[8] = answer[9] = answer[10] = answer[11] = 0;
        foreach (byte[] text in (texts ?? []).Select(Encoding.ASCII.GetBytes))
        {
            byte[] data = [.. text.Chunk(MaxString).SelectMany(part => (byte[])[(byte)part.Length, .. part])];
            byte[] length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)data.Length);

            // the name of the question, TXT, IN, a minute
            answer.AddRange([0xc0, HeaderLength, 0, 16, 0, 1, 0, 0, 0, 60, .. length, .. data]);
        }

        return [.. answer];
    }
}
