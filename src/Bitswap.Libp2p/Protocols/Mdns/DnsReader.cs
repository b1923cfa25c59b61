using System.Buffers.Binary;
using System.Text;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Reads a message of DNS. Whatever the bytes are, each is read once, but for those of names: of these there are at most two for each of <see cref="DnsMessage.MaxRecords"/> records, of at most 255 bytes and 16 pointers each.</summary>
internal ref struct DnsReader
{
    // RFC 1035 section 2.3.4
    private const int MaxName = 255;
    private const int MaxLabel = 63;

    // a name that writers of messages compress needs a few
    private const int MaxPointers = 16;

    private readonly ReadOnlySpan<byte> _packet;
    private int _at;

    private DnsReader(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Reads a message.</summary>
    /// <param name="packet">All of it, and nothing else.</param>
    /// <param name="message">What it says.</param>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? TryRead(ReadOnlySpan<byte> packet, out DnsMessage? message)
    {
        message = null;
        DnsReader reader = new(packet);
        if (packet.Length < DnsMessage.HeaderLength)
        {
            return "the header is cut off";
        }
        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);

        // RFC 6762 section 18: messages of another kind, or with an error, are ignored
        if ((flags & 0x780F) != 0)
        {
            return "it is neither a question nor an answer";
        }
        int questions = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        int answers = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        int authorities = BinaryPrimitives.ReadUInt16BigEndian(packet[8..]);
        int additionals = BinaryPrimitives.ReadUInt16BigEndian(packet[10..]);
        if (questions + answers + authorities + additionals > DnsMessage.MaxRecords)
        {
            return "it has too many records";
        }
        reader._at = DnsMessage.HeaderLength;
        List<DnsQuestion> asked = [];
        for (int i = 0; i < questions; i++)
        {
            if (!reader.TryReadName(out string name) || !reader.TryReadUInt16(out ushort type) || !reader.TryReadUInt16(out _))
            {
                return "a question is cut off, or its name is none";
            }
            asked.Add(new DnsQuestion(name, (DnsType)type));
        }
        List<DnsRecord> told = [];
        List<DnsRecord> besides = [];
        if (!reader.TryReadRecords(answers, told) || !reader.TryReadRecords(authorities, []) || !reader.TryReadRecords(additionals, besides))
        {
            return "a record is cut off, or a name in it is none";
        }
        message = new DnsMessage((flags & 0x8000) != 0, asked, told, besides);
        return null;
    }

    private bool TryReadRecords(int count, List<DnsRecord> records)
    {
        for (int i = 0; i < count; i++)
        {
            if (!TryReadName(out string name) || !TryReadUInt16(out ushort type) || !TryReadUInt16(out ushort kind)
                || !TryReadUInt32(out uint seconds) || !TryReadUInt16(out ushort length) || length > _packet.Length - _at)
            {
                return false;
            }
            int end = _at + length;
            DnsRecord record = new(name, (DnsType)type, seconds) { IsUnique = (kind & 0x8000) != 0 };
            if (!TryReadData(ref record, end))
            {
                return false;
            }
            _at = end;
            records.Add(record);
        }
        return true;
    }

    private bool TryReadData(ref DnsRecord record, int end)
    {
        switch (record.Type)
        {
            case DnsType.Ptr:
                bool isName = TryReadName(out string target) && _at == end;
                record = record with { Target = target };
                return isName;
            case DnsType.Srv:
                bool isService = TryReadUInt32(out _) & TryReadUInt16(out ushort port) & TryReadName(out string host) & _at == end;
                record = record with { Port = port, Target = host };
                return isService;
            case DnsType.Txt:
                List<string> texts = [];
                while (_at < end)
                {
                    int length = _packet[_at++];
                    if (length > end - _at)
                    {
                        return false;
                    }
                    texts.Add(Encoding.Latin1.GetString(_packet.Slice(_at, length)));
                    _at += length;
                }
                record = record with { Texts = texts };
                return true;
            case DnsType.A when end - _at == 4:
            case DnsType.Aaaa when end - _at == 16:
                record = record with { Address = _packet[_at..end].ToArray() };
                return true;
            default:
                return record.Type is not (DnsType.A or DnsType.Aaaa);
        }
    }

    // Each pointer must lead further back than where the run of labels began that it ends, so a name ends. Since the same pointers serve all names of a message, their number in each is bounded.
    private bool TryReadName(out string name)
    {
        StringBuilder text = new();
        name = "";
        int at = _at;
        int began = at;
        int? after = null;
        int total = 0;
        int pointers = 0;
        while (at < _packet.Length)
        {
            int length = _packet[at++];
            if (length == 0)
            {
                _at = after ?? at;
                name = text.ToString();
                return true;
            }
            if (length >= 0xC0)
            {
                if (at >= _packet.Length)
                {
                    return false;
                }
                int target = ((length & 0x3F) << 8) | _packet[at++];
                after ??= at;
                if (++pointers > MaxPointers || target >= began || target < DnsMessage.HeaderLength)
                {
                    return false;
                }
                at = began = target;
                continue;
            }
            total += length + 1;
            if (length > MaxLabel || total > MaxName || length > _packet.Length - at)
            {
                return false;
            }
            if (text.Length > 0)
            {
                text.Append('.');
            }

            // a dot within a label is none between labels
            text.Append(Encoding.Latin1.GetString(_packet.Slice(at, length)).Replace(".", "\\.", StringComparison.Ordinal));
            at += length;
        }
        return false;
    }

    private bool TryReadUInt16(out ushort value)
    {
        bool isThere = _packet.Length - _at >= sizeof(ushort);
        value = isThere ? BinaryPrimitives.ReadUInt16BigEndian(_packet[_at..]) : (ushort)0;
        _at += isThere ? sizeof(ushort) : 0;
        return isThere;
    }

    private bool TryReadUInt32(out uint value)
    {
        bool isThere = _packet.Length - _at >= sizeof(uint);
        value = isThere ? BinaryPrimitives.ReadUInt32BigEndian(_packet[_at..]) : 0;
        _at += isThere ? sizeof(uint) : 0;
        return isThere;
    }
}
