using System.Globalization;
using System.Text.Json;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Node.Core;

namespace Bitswap.Node.Repositories;

/// <summary>Reads and writes <c>pins.json</c>: <c>{"version":1,"pins":[{"cid":"...","recursive":true,"name":"...","created":"..."}]}</c>.</summary>
internal static class PinFile
{
    public const string Name = "pins.json";
    private const int Version = 1;

    // Room for as many pins as there may be, each with a long name.
    private const long MaxLength = 256 << 20;

    /// <summary>Returns the pins of a file, none when there is no file.</summary>
    /// <exception cref="BitswapException">InvalidRepository: the file is damaged, and is left as it is. StoreFailed: it cannot be read.</exception>
    public static IReadOnlyList<Pin> Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return [];
            }

            if (new FileInfo(path).Length > MaxLength)
            {
                throw Invalid(path, "it is longer than any such file", null);
            }

            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The pins in '{path}' cannot be read", path, error);
        }
    }

    /// <summary>Removes what a change of the pins left behind that was cut short. Only the holder of the repository's lock may call it.</summary>
    public static void RemoveUnfinished(string folder)
    {
        foreach (string unfinished in Directory.EnumerateFiles(folder, UnfinishedName("*")))
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Returns the pins that the content of a file names.</summary>
    /// <param name="json">The content.</param>
    /// <param name="path">The file, for the error.</param>
    /// <exception cref="BitswapException">InvalidRepository, with the line of the pin that is none or is there twice.</exception>
    internal static IReadOnlyList<Pin> Parse(ReadOnlySpan<byte> json, string path)
    {
        Dictionary<Cid, Pin> pins = [];
        Utf8JsonReader reader = new(json);
        int version = 0;
        bool hasPins = false;
        long start = 0;
        try
        {
            Enter(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                start = reader.TokenStartIndex;
                if (reader.ValueTextEquals("version"u8))
                {
                    reader.Read();
                    version = reader.GetInt32();
                }
                else if (reader.ValueTextEquals("pins"u8))
                {
                    hasPins = true;
                    ReadPins(ref reader, pins, ref start);
                }
                else
                {
                    reader.Skip();
                }
            }

            // Nothing may follow, and this throws where something does.
            reader.Read();
            return (version, hasPins) switch
            {
                (Version, true) => [.. pins.Values],
                (Version, false) => throw new FormatException("it has no list of pins"),
                _ => throw new FormatException("its version is not known"),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            int line = 1 + json[..(int)start].Count((byte)'\n');
            throw Invalid(path, $"{error.Message.TrimEnd('.')} (line {line})", error);
        }
    }

    /// <summary>Replaces the file: it is there whole, with the old pins or the new ones.</summary>
    /// <exception cref="BitswapException">StoreFailed.</exception>
    public static void Write(string path, IEnumerable<Pin> pins)
    {
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content, new JsonWriterOptions { Indented = true }))
        {
            Write(writer, pins);
        }

        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        string name = UnfinishedName(Guid.NewGuid().ToString("N"));
        try
        {
            try
            {
                OwnFile.Replace(path, Path.Combine(Path.GetDirectoryName(path)!, name), bytes, overwrite: true);
            }
            catch (IOException full) when (DiskSpace.IsFull(full) && CanOverwrite(path, bytes.Length))
            {
                // A pin can be taken away so that its blocks can be removed, which is what makes room.
                Overwrite(path, bytes);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The pins cannot be written to '{path}'", path, error);
        }
    }

    private static bool CanOverwrite(string path, int length) => new FileInfo(path) is { Exists: true, LinkTarget: null } file && file.Length >= length;

    /// <summary>Writes in place what is no longer than what is there, which takes no room: filled up with blanks first, and cut when that is on the disk.</summary>
    private static void Overwrite(string path, ReadOnlySpan<byte> content)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] filled = new byte[file.Length];
        filled.AsSpan().Fill((byte)' ');
        content.CopyTo(filled);
        file.Write(filled);
        file.Flush(flushToDisk: true);
        file.SetLength(content.Length);
    }

    private static void Write(Utf8JsonWriter writer, IEnumerable<Pin> pins)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        writer.WriteStartArray("pins");
        foreach (Pin pin in pins)
        {
            writer.WriteStartObject();
            writer.WriteString("cid", pin.Cid.ToString());
            writer.WriteBoolean("recursive", pin.Recursive);
            if (pin.Name is not null)
            {
                writer.WriteString("name", pin.Name);
            }

            writer.WriteString("created", pin.Created.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Enter(ref Utf8JsonReader reader, JsonTokenType start)
    {
        if (!reader.Read() || reader.TokenType != start)
        {
            throw new FormatException($"a {reader.TokenType} stands where a {start} is due");
        }
    }

    /// <param name="reader">Before the list.</param>
    /// <param name="pins">Takes the pins.</param>
    /// <param name="start">Where the pin begins that is being read.</param>
    private static void ReadPins(ref Utf8JsonReader reader, Dictionary<Cid, Pin> pins, ref long start)
    {
        Enter(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            start = reader.TokenStartIndex;
            Pin pin = ReadPin(JsonElement.ParseValue(ref reader));
            if (!pins.TryAdd(pin.Cid.ToV1(), pin))
            {
                throw new FormatException($"{pin.Cid} is pinned twice");
            }
        }
    }

    private static Pin ReadPin(JsonElement pin) =>
        new(
            Cid.Parse(pin.GetProperty("cid").GetString() ?? throw new FormatException("A pin has no CID.")),
            pin.GetProperty("recursive").GetBoolean(),
            pin.TryGetProperty("name", out JsonElement name) ? name.GetString() : null,
            DateTimeOffset.ParseExact(pin.GetProperty("created").GetString() ?? "", "O", CultureInfo.InvariantCulture));

    private static BitswapException Invalid(string path, string why, Exception? cause) =>
        new(
            NodeErrorIds.InvalidRepository,
            $"'{path}' is no list of pins: {why}",
            "Restore the file from a copy. Or move it away: the repository then has no pins, and collecting unneeded blocks would take all.",
            path,
            cause);

    private static string UnfinishedName(string id) => $".pins-{id}.tmp";
}
