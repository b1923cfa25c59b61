using System.Globalization;
using System.Text.Json;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Files;

/// <summary>Reads and writes <c>pins.json</c>: <c>{"version":1,"pins":[{"cid":"...","recursive":true,"name":"...","created":"..."}]}</c>.</summary>
internal static class PinFile
{
    public const string Name = "pins.json";
    private const string UnfinishedName = ".pins-{0}.tmp";
    private const int Version = 1;

    // Room for as many pins as there may be, each with a long name.
    private const long MaxLength = 256 << 20;

    /// <summary>The pins of a file, none when there is no file.</summary>
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

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.GetProperty("version").GetInt32() == Version
                ? [.. document.RootElement.GetProperty("pins").EnumerateArray().Select(ReadPin)]
                : throw Invalid(path, "its version is not known", null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Invalid(path, error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The pins in '{path}' cannot be read", path, error);
        }
    }

    /// <summary>Removes what a change of the pins left behind that was cut short. Only the holder of the repository's lock may call it.</summary>
    public static void RemoveUnfinished(string folder)
    {
        foreach (string unfinished in Directory.EnumerateFiles(folder, string.Format(CultureInfo.InvariantCulture, UnfinishedName, "*")))
        {
            File.Delete(unfinished);
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
        string name = string.Format(CultureInfo.InvariantCulture, UnfinishedName, Guid.NewGuid().ToString("N"));
        try
        {
            try
            {
                OwnFile.Replace(path, Path.Combine(Path.GetDirectoryName(path)!, name), bytes, overwrite: true);
            }
            catch (IOException full) when (DiskSpace.IsFull(full) && CanOverwrite(path, bytes.Length))
            {
                // a pin can be taken away so that its blocks can be removed, which is what makes room
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

    private static Pin ReadPin(JsonElement pin) =>
        new(
            Cid.Parse(pin.GetProperty("cid").GetString() ?? throw new FormatException("A pin has no CID.")),
            pin.GetProperty("recursive").GetBoolean(),
            pin.TryGetProperty("name", out JsonElement name) ? name.GetString() : null,
            DateTimeOffset.ParseExact(pin.GetProperty("created").GetString() ?? "", "O", CultureInfo.InvariantCulture));

    private static BitswapException Invalid(string path, string why, Exception? cause) =>
        new(
            "InvalidRepository",
            $"'{path}' is no list of pins: {why}",
            "Restore the file from a copy. Or move it away: the repository then has no pins, and collecting unneeded blocks would take all.",
            path,
            cause);
}
