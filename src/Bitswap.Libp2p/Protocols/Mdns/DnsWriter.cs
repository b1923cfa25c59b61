using System.Buffers.Binary;
using System.Text;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Writes a message of DNS. A name that is there already is not written again (RFC 1035 section 4.1.4).</summary>
internal sealed class DnsWriter
{
    // beyond it no pointer leads
    private const int MaxPointer = 0x3FFF;

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns a message as bytes.</summary>
    public static byte[] Write(DnsMessage message)
    {
        DnsWriter writer = new();
        writer.Add((ushort)0);

        // an answer is always one of authority (RFC 6762 section 18.4)
        writer.Add((ushort)(message.IsResponse ? 0x8400 : 0));
        writer.Add((ushort)message.Questions.Count);
        writer.Add((ushort)message.Answers.Count);
        writer.Add((ushort)0);
        writer.Add((ushort)message.Additionals.Count);
        foreach (DnsQuestion question in message.Questions)
        {
            writer.AddName(question.Name);
            writer.Add((ushort)question.Type);
            writer.Add((ushort)1);
        }
        foreach (DnsRecord record in message.Records)
        {
            writer.AddRecord(record);
        }
        return [.. writer._bytes];
    }

    private void AddRecord(DnsRecord record)
    {
        AddName(record.Name);
        Add((ushort)record.Type);
        Add((ushort)(record.IsUnique ? 0x8001 : 1));
        Add((ushort)(record.Seconds >> 16));
        Add((ushort)record.Seconds);
        int at = _bytes.Count;
        Add((ushort)0);
        switch (record.Type)
        {
            case DnsType.Ptr:
                AddName(record.Target!);
                break;
            case DnsType.Srv:
                Add((ushort)0);
                Add((ushort)0);
                Add(record.Port);
                AddName(record.Target!);
                break;
            case DnsType.Txt:
                foreach (string text in record.Texts!)
                {
                    AddText(text);
                }
                break;
            default:
                _bytes.AddRange(record.Address!);
                break;
        }
        byte[] length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(_bytes.Count - at - sizeof(ushort)));
        (_bytes[at], _bytes[at + 1]) = (length[0], length[1]);
    }

    private void AddName(string name)
    {
        string rest = name;
        while (rest.Length > 0)
        {
            if (_names.TryGetValue(rest, out int known))
            {
                Add((ushort)(0xC000 | known));
                return;
            }
            if (_bytes.Count <= MaxPointer)
            {
                _names.Add(rest, _bytes.Count);
            }
            int dot = rest.IndexOf('.', StringComparison.Ordinal);
            AddText(dot < 0 ? rest : rest[..dot]);
            rest = dot < 0 ? "" : rest[(dot + 1)..];
        }
        _bytes.Add(0);
    }

    private void AddText(string text)
    {
        _bytes.Add((byte)text.Length);
        _bytes.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private void Add(ushort value)
    {
        _bytes.Add((byte)(value >> 8));
        _bytes.Add((byte)value);
    }
}
