using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Node.Core;
using Bitswap.Node.Observability;
using Bitswap.Node.Repositories;

namespace Bitswap.Nodes;

/// <summary>
/// What a repository remembers of Start-BitswapNode: a file of JSON with the names of its parameters and options, which a person may read and edit. Keys, seeds and scripts
/// are never in it.
/// </summary>
internal sealed class NodeSettings
{
    /// <summary>The name of the file in a repository.</summary>
    public const string FileName = "settings.json";

    // a person writes less
    private const int MaxBytes = 1 << 20;

    private static readonly JsonWriterOptions _layout = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string? Name { get; set; }

    public string? BlockStore { get; set; }

    public IReadOnlyList<string>? ListenAddress { get; set; }

    public IReadOnlyList<string>? Peer { get; set; }

    public IReadOnlyList<string>? Router { get; set; }

    public IReadOnlyList<string>? Gateway { get; set; }

    public IReadOnlyList<string>? ProtocolVersion { get; set; }

    public bool? Public { get; set; }

    public bool? ClientOnly { get; set; }

    public string? Discover { get; set; }

    public string? SwarmKey { get; set; }

    public string? LogPath { get; set; }

    public string? LogLevel { get; set; }

    /// <summary>The options by their names.</summary>
    public SortedDictionary<string, object?> Option { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What a repository remembers; nothing where it has no such file. Paths are in full.</summary>
    /// <exception cref="FaultException">InvalidSettings, ReadFailed.</exception>
    public static NodeSettings Read(string repository)
    {
        string path = Path.Combine(repository, FileName);
        NodeSettings settings = new();
        try
        {
            if (!File.Exists(path))
            {
                return settings;
            }

            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new FaultException(Faults.InvalidSettings(path, null, string.Create(CultureInfo.InvariantCulture, $"It has more than {MaxBytes} bytes.")));
            }

            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FaultException(Faults.InvalidSettings(path, null, "It is no object of JSON."));
            }

            settings.Take(document.RootElement, path);
        }
        catch (JsonException malformed)
        {
            throw new FaultException(Faults.InvalidSettings(path, null, $"It is no JSON: {malformed.Message}"));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.ReadFailed(path, cause));
        }

        settings.BlockStore = settings.BlockStore is null or "Memory" ? settings.BlockStore : Path.Combine(repository, settings.BlockStore);
        settings.SwarmKey = settings.SwarmKey is null ? null : Path.Combine(repository, settings.SwarmKey);
        settings.LogPath = settings.LogPath is null ? null : Path.Combine(repository, settings.LogPath);
        return settings;
    }

    /// <summary>Writes the file anew. Paths within the repository are written as they are from there, so that it may be moved.</summary>
    /// <exception cref="BitswapException">StoreFailed; UnsafeRepository: there is a link in its place.</exception>
    public void Write(string repository)
    {
        string path = Path.Combine(repository, FileName);
        RepositorySafety.RefuseLink(path);
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content, _layout))
        {
            writer.WriteStartObject();
            Write(writer, nameof(Name), Name);
            Write(writer, nameof(BlockStore), BlockStore is null or "Memory" ? BlockStore : Within(repository, BlockStore));
            Write(writer, nameof(ListenAddress), ListenAddress);
            Write(writer, nameof(Peer), Peer);
            Write(writer, nameof(Router), Router);
            Write(writer, nameof(Gateway), Gateway);
            Write(writer, nameof(ProtocolVersion), ProtocolVersion);
            Write(writer, nameof(Public), Public);
            Write(writer, nameof(ClientOnly), ClientOnly);
            Write(writer, nameof(Discover), Discover);
            Write(writer, nameof(SwarmKey), SwarmKey is null ? null : Within(repository, SwarmKey));
            Write(writer, nameof(LogPath), LogPath is null ? null : Within(repository, LogPath));
            Write(writer, nameof(LogLevel), LogLevel);
            if (Option.Count > 0)
            {
                writer.WriteStartObject(nameof(Option));
                foreach ((string name, object? value) in Option)
                {
                    writer.WritePropertyName(name);
                    WriteValue(writer, value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        content.WriteByte((byte)'\n');
        try
        {
            OwnFile.Replace(path, Path.Combine(repository, $".settings-{Guid.NewGuid():N}.tmp"), content.GetBuffer().AsSpan(0, (int)content.Length), overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw StoreErrors.Failed($"The settings cannot be written to '{path}'", path, cause);
        }
    }

    private void Take(JsonElement root, string path)
    {
        // a bound of the repository's blocks is one of this folder
        NodeOptions options = new() { Path = Path.GetDirectoryName(path) };
        foreach (JsonProperty setting in root.EnumerateObject())
        {
            string name = setting.Name;
            Check(path, name, () => TakeOne(setting, path, ref options));
        }

        try
        {
            options.Validate();
        }
        catch (ArgumentException refused)
        {
            throw new FaultException(Faults.InvalidSettings(path, $"{nameof(Option)}.{refused.ParamName}", refused.Message));
        }
    }

    private void TakeOne(JsonProperty setting, string path, ref NodeOptions options)
    {
        JsonElement value = setting.Value;
        switch (setting.Name.ToLowerInvariant())
        {
            case "name":
                Name = Text(value);
                break;
            case "blockstore":
                BlockStore = Text(value);
                break;
            case "listenaddress":
                ListenAddress = Texts(value, text => Multiaddr.Parse(text));
                break;
            case "peer":
                Peer = Texts(value, text => Multiaddr.Parse(text));
                break;
            case "router":
                Router = Texts(value, text => RouterUri.Check(new Uri(text)));
                break;
            case "gateway":
                Gateway = Texts(value, text => GatewayUri.Check(new Uri(text)));
                break;
            case "protocolversion":
                ProtocolVersion = Texts(value, text => ProtocolVersions.Parse(text));
                break;
            case "public":
                Public = YesOrNo(value);
                break;
            case "clientonly":
                ClientOnly = YesOrNo(value);
                break;
            case "discover":
                Discover = string.Equals(Text(value), nameof(PeerDiscovery.Lan), StringComparison.OrdinalIgnoreCase) ? nameof(PeerDiscovery.Lan) : throw new FormatException("It is not Lan, and there is nothing else.");
                break;
            case "swarmkey":
                SwarmKey = Text(value);
                break;
            case "logpath":
                LogPath = Text(value);
                break;
            case "loglevel":
                LogLevel = LogFile.Levels.Contains(Text(value), StringComparer.OrdinalIgnoreCase) ? Text(value) : throw new FormatException($"It is none of {string.Join(", ", LogFile.Levels)}.");
                break;
            case "option" when value.ValueKind == JsonValueKind.Object:
                foreach (JsonProperty option in value.EnumerateObject())
                {
                    NodeOptions before = options;
                    NodeOptions after = before;
                    Check(path, $"{nameof(Option)}.{option.Name}", () => after = NodeOptionTable.Set(before, option.Name, Option[option.Name] = Value(option.Value)));
                    options = after;
                }

                break;
            case "option":
                throw new FormatException("It is no object with options by their names.");
            default:
                throw new FormatException("There is no such setting. The names are Name, BlockStore, ListenAddress, Peer, Router, Gateway, Public, ProtocolVersion, ClientOnly, Discover, SwarmKey, LogPath, LogLevel and Option.");
        }
    }

    private static bool YesOrNo(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new FormatException("It is neither true nor false.");

    private static void Check(string path, string name, Action step)
    {
        try
        {
            step();
        }
        catch (FaultException bad) when (bad.Fault.ErrorId != "InvalidSettings")
        {
            throw new FaultException(Faults.InvalidSettings(path, name, bad.Fault.Message));
        }
        catch (Exception bad) when (bad is FormatException or ArgumentException or BitswapException)
        {
            throw new FaultException(Faults.InvalidSettings(path, name, bad.Message));
        }
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : throw new FormatException("It is no text.");

    private static string[] Texts(JsonElement value, Action<string> check)
    {
        string[] texts = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text)] : [Text(value)];
        Array.ForEach(texts, check);
        return texts.Length > 0 ? texts : throw new FormatException("It is empty.");
    }

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole : value.TryGetUInt64(out ulong large) ? large : value.GetDouble(),
        JsonValueKind.Array => value.EnumerateArray().Select(Text).ToArray(),
        _ => throw new FormatException("It is neither a number, true, false, a text nor a list of texts."),
    };

    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        if (value is not null)
        {
            writer.WritePropertyName(name);
            WriteValue(writer, value);
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (Unwrap.Base(value))
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case TimeSpan time:
                writer.WriteNumberValue(time.TotalSeconds);
                break;
            case ulong large:
                writer.WriteNumberValue(large);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(Unwrap.Base(value), CultureInfo.InvariantCulture));
                break;
            case float or double or decimal:
                writer.WriteNumberValue(Convert.ToDouble(Unwrap.Base(value), CultureInfo.InvariantCulture));
                break;
            case IEnumerable many and not string:
                writer.WriteStartArray();
                foreach (object? item in many)
                {
                    WriteValue(writer, item);
                }

                writer.WriteEndArray();
                break;
            case { } other:
                writer.WriteStringValue(other.ToString());
                break;
        }
    }

    private static string Within(string repository, string path) =>
        Path.GetRelativePath(repository, path) is var relative && !Path.IsPathRooted(relative) && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
}
