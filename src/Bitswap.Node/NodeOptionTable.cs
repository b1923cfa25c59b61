using System.Collections.Frozen;
using System.Globalization;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Node;

/// <summary>
/// Every limit and habit of a node by its name, whichever room it belongs to, so that a caller who starts a node need not know the rooms. Where two
/// rooms use one name, it sets both.
/// </summary>
public static partial class NodeOptionTable
{
    private static readonly FrozenDictionary<string, Entry[]> _entries = Entries()
        .GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
        .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _entries.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Sets one option.</summary>
    /// <param name="options">The options to start from; they stay as they are.</param>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="value">A number, a Boolean, a text, for a time a <see cref="TimeSpan"/> or a number of seconds, for addresses and names one or several.</param>
    /// <returns>The options with it.</returns>
    /// <exception cref="ArgumentException">There is no such option, or the value is not of its kind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of the option's range.</exception>
    public static NodeOptions Set(NodeOptions options, string name, object? value)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _entries.TryGetValue(name, out Entry[]? entries)
            ? entries.Aggregate(options, (set, entry) => entry.Set(set, value))
            : throw new ArgumentException($"There is no option '{name}'.", nameof(name));
    }

    private static T Convert<T>(string name, object? value)
    {
        Type type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        try
        {
            return (T)(value switch
            {
                null when type != typeof(T) || !type.IsValueType => null,
                null => throw new ArgumentException($"{name} needs a value.", name),
                _ when type.IsInstanceOfType(value) => value,
                _ when type == typeof(IReadOnlyList<Uri>) => Uris(value),
                _ when type == typeof(IReadOnlyList<Multiaddr>) => Addresses(value),
                _ when type == typeof(IReadOnlyList<PeerId>) => Peers(value),
                _ when type == typeof(IReadOnlyList<SecurityProtocol>) => SecurityProtocols(value),
                _ when type == typeof(IReadOnlyList<string>) => Texts(value),
                _ when type == typeof(PeerDiscovery) => NameOf<PeerDiscovery>(System.Convert.ToString(value, CultureInfo.InvariantCulture)!),
                _ when type == typeof(ProvideStrategy) => NameOf<ProvideStrategy>(System.Convert.ToString(value, CultureInfo.InvariantCulture)!),
                _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(System.Convert.ToDouble(value, CultureInfo.InvariantCulture)),
                _ => System.Convert.ChangeType(value, type, CultureInfo.InvariantCulture),
            })!;
        }
        catch (Exception failure) when (failure is FormatException or InvalidCastException or OverflowException)
        {
            throw new ArgumentException($"'{value}' is no {Kind(type)}.", name, failure);
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => $"{type.Name}: {string.Join(", ", type.GetEnumNames())}",
        { IsGenericType: true } => type.GenericTypeArguments[0] is { IsEnum: true } choice ? $"list of {string.Join(" and ", choice.GetEnumNames())}"
            : type == typeof(IReadOnlyList<string>) ? "list of names"
            : type == typeof(IReadOnlyList<PeerId>) ? "list of peer ids"
            : "list of addresses",
        _ when type == typeof(int) || type == typeof(long) => "whole number, such as 5 or 64MB",
        _ when type == typeof(double) => "number",
        _ when type == typeof(TimeSpan) => "time in seconds",
        _ when type == typeof(bool) => "Boolean: $true, $false",
        _ => type.Name,
    };

    private static SecurityProtocol[] SecurityProtocols(object? value) => value switch
    {
        SecurityProtocol protocol => [protocol],
        string text => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(NameOf<SecurityProtocol>)],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(SecurityProtocols)],
        _ => throw new InvalidCastException(),
    };

    // a number, or names that are added up, would be an enum's value as well
    private static T NameOf<T>(string name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => string.Equals(value.ToString(), name, StringComparison.OrdinalIgnoreCase)).Select(value => (T?)value).FirstOrDefault() ?? throw new FormatException();

    private static Uri[] Uris(object? value) => value switch
    {
        Uri uri => [uri],
        string text => [new Uri(text, UriKind.RelativeOrAbsolute)],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(Uris)],
        _ => throw new InvalidCastException(),
    };

    private static string[] Texts(object? value) => value switch
    {
        string text => [text],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(Texts)],
        _ => throw new InvalidCastException(),
    };

    private static Multiaddr[] Addresses(object? value) => value switch
    {
        Multiaddr address => [address],
        string text => [Multiaddr.Parse(text)],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(Addresses)],
        _ => throw new InvalidCastException(),
    };

    private static PeerId[] Peers(object? value) => value switch
    {
        PeerId peer => [peer],
        string text => [PeerId.Parse(text)],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(Peers)],
        _ => throw new InvalidCastException(),
    };
}
