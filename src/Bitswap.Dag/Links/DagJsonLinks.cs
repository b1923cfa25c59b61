using System.Buffers;
using System.Text;
using System.Text.Json;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Links;

/// <summary>
/// Reads the links of a dag-json block (ipld.io/specs/codecs/dag-json/spec). A map that begins with the key "/" and a text is a link, and one that begins with it and
/// a map of "bytes" and a text is bytes; neither may hold anything more. Encoders sort keys by their UTF-8 bytes and write no whitespace; what others wrote is
/// read all the same, and noted.
/// </summary>
internal static class DagJsonLinks
{
    private static readonly SearchValues<byte> _base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    public static void Read(ReadOnlySpan<byte> block, int maxNesting, LinkSink sink)
    {
        // One more than is allowed, so that too deep is told from malformed.
        var reader = new Utf8JsonReader(block, new JsonReaderOptions { MaxDepth = maxNesting + 1 });
        try
        {
            Next(ref reader);
            ReadValue(ref reader, 0, sink, []);
            if (reader.Read())
            {
                throw Invalid(reader, "something follows its value");
            }
        }
        catch (JsonException exception)
        {
            throw new DagException(DagErrorIds.InvalidDagJson, $"Not dag-json: {exception.Message}", exception);
        }
    }

    /// <summary>Returns where the first whitespace between values is; -1 when there is none.</summary>
    public static int FindWhitespace(ReadOnlySpan<byte> block)
    {
        bool inText = false;
        for (int i = 0; i < block.Length; i++)
        {
            switch (block[i])
            {
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'\\' when inText:
                    i++;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' when !inText:
                    return i;
            }
        }

        return -1;
    }

    private static void ReadValue(ref Utf8JsonReader reader, int depth, LinkSink sink, List<byte[]> keys)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            sink.CheckDepth(depth);
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                Text(reader, sink);
                break;
            case JsonTokenType.StartArray:
                Next(ref reader);
                for (long place = 0; reader.TokenType != JsonTokenType.EndArray; place++)
                {
                    sink.EnterPlace(depth, place);
                    ReadValue(ref reader, depth + 1, sink, keys);
                    Next(ref reader);
                }

                break;
            case JsonTokenType.StartObject:
                ReadMap(ref reader, depth, sink, keys);
                break;
        }
    }

    // the keys are a stack: those of a map are at its top while the map is read
    private static void ReadMap(ref Utf8JsonReader reader, int depth, LinkSink sink, List<byte[]> keys)
    {
        int first = keys.Count;
        bool isSorted = true;
        for (Next(ref reader); reader.TokenType != JsonTokenType.EndObject; Next(ref reader))
        {
            byte[] key = Text(reader, sink);
            if (keys.Count > first && keys[^1].AsSpan().SequenceCompareTo(key) >= 0)
            {
                isSorted = false;
                sink.Deviate("the keys of a map are out of order", reader.TokenStartIndex);
            }

            bool isFirst = keys.Count == first;
            keys.Add(key);
            Next(ref reader);
            if (isFirst && key is [(byte)'/'] && ReadReserved(ref reader, depth, sink))
            {
                break;
            }

            sink.EnterKey(depth, key);
            ReadValue(ref reader, depth + 1, sink, keys);
        }

        HashSet<string>? seen = isSorted ? null : new(keys.Count - first, StringComparer.Ordinal);
        for (int i = first; seen is not null && i < keys.Count; i++)
        {
            // a character for each byte
            if (!seen.Add(Encoding.Latin1.GetString(keys[i])))
            {
                throw Invalid(reader, "a key of a map is repeated");
            }
        }

        keys.RemoveRange(first, keys.Count - first);
    }

    /// <summary>Reads a link or bytes, to the end of the map; false where the map is neither.</summary>
    private static bool ReadReserved(ref Utf8JsonReader reader, int depth, LinkSink sink)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            sink.AddAt(depth, Link(reader, sink));
            Close(ref reader, "a link");
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartObject || !IsBytes(reader, sink))
        {
            return false;
        }

        Next(ref reader);
        Next(ref reader);
        ReadOnlySpan<byte> text = Text(reader, sink);
        ReadOnlySpan<byte> digits = text.TrimEnd((byte)'=');
        if (digits.ContainsAnyExcept(_base64) || text.Length - digits.Length > 2)
        {
            throw Invalid(reader, "bytes are not in base64");
        }

        if (digits.Length != text.Length)
        {
            sink.Deviate("bytes are written with padding", reader.TokenStartIndex);
        }

        Close(ref reader, "bytes");
        Close(ref reader, "bytes");
        return true;
    }

    // A copy of the reader looks ahead.
    private static bool IsBytes(Utf8JsonReader ahead, LinkSink sink)
    {
        Next(ref ahead);
        if (ahead.TokenType != JsonTokenType.PropertyName || !Text(ahead, sink).AsSpan().SequenceEqual("bytes"u8))
        {
            return false;
        }

        Next(ref ahead);
        return ahead.TokenType == JsonTokenType.String;
    }

    private static Cid Link(in Utf8JsonReader reader, LinkSink sink)
    {
        string text = Encoding.UTF8.GetString(Text(reader, sink));
        Cid cid;
        try
        {
            // the CID alone, and nothing of what Cid.Parse takes around one
            cid = text.StartsWith('Q') ? Cid.FromBytes(Multibase.DecodeRaw(MultibaseEncoding.Base58Btc, text)) : Cid.FromBytes(Multibase.Decode(text, out _));
        }
        catch (MultiformatException exception)
        {
            throw new DagException(DagErrorIds.InvalidDagJson, $"Not dag-json: a link is no CID. {exception.Message}", exception);
        }

        if (cid.Version == 0 != text.StartsWith('Q'))
        {
            throw Invalid(reader, $"a link is not written as {cid}");
        }

        if (cid.ToString() != text)
        {
            sink.Deviate($"a link is not written as {cid}", reader.TokenStartIndex);
        }

        return cid;
    }

    private static void Close(ref Utf8JsonReader reader, string what)
    {
        Next(ref reader);
        if (reader.TokenType != JsonTokenType.EndObject)
        {
            throw Invalid(reader, $"more than {what} stands in a map that begins as that");
        }
    }

    private static byte[] Text(in Utf8JsonReader reader, LinkSink sink)
    {
        byte[] text = new byte[reader.ValueSpan.Length];
        try
        {
            int length = reader.CopyString(text);
            if (reader.ValueIsEscaped && HasNeedlessEscape(reader.ValueSpan))
            {
                sink.Deviate("a text has an escape that is not needed", reader.TokenStartIndex);
            }

            return length == text.Length ? text : text[..length];
        }
        catch (InvalidOperationException exception)
        {
            throw new DagException(DagErrorIds.InvalidDagJson, $"{Invalid(reader, "a text is no Unicode").Message} {exception.Message}", exception);
        }
    }

    // Encoders escape quotes, backslashes and controls, and some U+2028 and U+2029, which JavaScript once took for ends of lines.
    private static bool HasNeedlessEscape(ReadOnlySpan<byte> raw)
    {
        for (int i = raw.IndexOf((byte)'\\'); i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\')
            {
                continue;
            }

            i++;
            if (raw[i] == '/' || (raw[i] == 'u' && !IsNeeded(raw.Slice(i + 1, 4))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNeeded(ReadOnlySpan<byte> hex) =>
        int.TryParse(hex, System.Globalization.NumberStyles.AllowHexSpecifier, null, out int unit) && unit is < 0x20 or 0x7F or 0x2028 or 0x2029;

    private static void Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw Invalid(reader, "it ends within its value");
        }
    }

    private static DagException Invalid(in Utf8JsonReader reader, string why) =>
        new(DagErrorIds.InvalidDagJson, $"Not dag-json: {why} (at byte {reader.TokenStartIndex}).");
}
