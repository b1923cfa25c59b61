using System.Buffers;
using System.Text.Json;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Links;

/// <summary>
/// The links of a dag-json block (ipld.io/specs/codecs/dag-json/spec): JSON without whitespace whose keys are sorted by their UTF-8 bytes.
/// A map that begins with the key "/" and a text is a link, and one that begins with it and a map of "bytes" and a text is bytes; neither
/// may hold anything more.
/// </summary>
internal static class DagJsonLinks
{
    private static readonly SearchValues<byte> _base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    public static void Read(ReadOnlySpan<byte> block, int maxNesting, LinkSink sink)
    {
        CheckNoWhitespace(block);

        // One more than is allowed, so that too deep is told from malformed.
        var reader = new Utf8JsonReader(block, new JsonReaderOptions { MaxDepth = maxNesting + 1 });
        try
        {
            Next(ref reader);
            ReadValue(ref reader, maxNesting, sink);
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

    private static void ReadValue(ref Utf8JsonReader reader, int depthLeft, LinkSink sink)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && depthLeft == 0)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, "Lists and maps stand deeper in one another than the limit allows.");
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                Text(reader);
                break;
            case JsonTokenType.StartArray:
                for (Next(ref reader); reader.TokenType != JsonTokenType.EndArray; Next(ref reader))
                {
                    ReadValue(ref reader, depthLeft - 1, sink);
                }

                break;
            case JsonTokenType.StartObject:
                ReadMap(ref reader, depthLeft, sink);
                break;
        }
    }

    private static void ReadMap(ref Utf8JsonReader reader, int depthLeft, LinkSink sink)
    {
        byte[]? last = null;
        for (Next(ref reader); reader.TokenType != JsonTokenType.EndObject; Next(ref reader))
        {
            byte[] key = Text(reader);
            if (last is not null && last.AsSpan().SequenceCompareTo(key) >= 0)
            {
                throw Invalid(reader, "the keys of a map are repeated or out of order");
            }

            Next(ref reader);
            if (last is null && key is [(byte)'/'])
            {
                if (reader.TokenType == JsonTokenType.String)
                {
                    sink.Add(Link(reader));
                    Close(ref reader, "a link");
                    return;
                }

                if (reader.TokenType == JsonTokenType.StartObject && IsBytes(reader))
                {
                    ReadBytes(ref reader);
                    return;
                }
            }

            last = key;
            ReadValue(ref reader, depthLeft - 1, sink);
        }
    }

    // A copy of the reader looks ahead.
    private static bool IsBytes(Utf8JsonReader ahead)
    {
        Next(ref ahead);
        if (ahead.TokenType != JsonTokenType.PropertyName || !ahead.ValueTextEquals("bytes"u8))
        {
            return false;
        }

        Next(ref ahead);
        return ahead.TokenType == JsonTokenType.String;
    }

    private static void ReadBytes(ref Utf8JsonReader reader)
    {
        Next(ref reader);
        Next(ref reader);
        if (Text(reader).AsSpan().ContainsAnyExcept(_base64))
        {
            throw Invalid(reader, "bytes are not in base64 without padding");
        }

        Close(ref reader, "bytes");
        Close(ref reader, "bytes");
    }

    private static Cid Link(in Utf8JsonReader reader)
    {
        string text = System.Text.Encoding.UTF8.GetString(Text(reader));
        Cid cid;
        try
        {
            cid = Cid.Parse(text);
        }
        catch (MultiformatException exception)
        {
            throw new DagException(DagErrorIds.InvalidDagJson, $"Not dag-json: a link is no CID. {exception.Message}", exception);
        }

        // Also keeps out what Parse takes beyond a CID, such as /ipfs/.
        return cid.ToString() == text ? cid : throw Invalid(reader, $"a link is not written as {cid}");
    }

    private static void Close(ref Utf8JsonReader reader, string what)
    {
        Next(ref reader);
        if (reader.TokenType != JsonTokenType.EndObject)
        {
            throw Invalid(reader, $"more than {what} stands in a map that begins as that");
        }
    }

    private static byte[] Text(in Utf8JsonReader reader)
    {
        byte[] text = new byte[reader.ValueSpan.Length];
        try
        {
            int length = reader.CopyString(text);
            return length == text.Length ? text : text[..length];
        }
        catch (InvalidOperationException exception)
        {
            throw new DagException(DagErrorIds.InvalidDagJson, $"{Invalid(reader, "a text is no Unicode").Message} {exception.Message}", exception);
        }
    }

    private static void Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw Invalid(reader, "it ends within its value");
        }
    }

    private static void CheckNoWhitespace(ReadOnlySpan<byte> block)
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
                    throw new DagException(DagErrorIds.InvalidDagJson, $"Not dag-json: there is whitespace (at byte {i}).");
            }
        }
    }

    private static DagException Invalid(in Utf8JsonReader reader, string why) =>
        new(DagErrorIds.InvalidDagJson, $"Not dag-json: {why} (at byte {reader.TokenStartIndex}).");
}
