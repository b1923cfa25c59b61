using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Node;

/// <summary>
/// Every limit and habit of a node by its name, whichever room it belongs to, so that who starts a node need not know the rooms. Where two
/// rooms use one name, it sets both.
/// </summary>
public static class NodeOptionTable
{
    private static readonly FrozenDictionary<string, PropertyInfo[]> _properties =
        new[] { typeof(NodeOptions), typeof(EngineOptions), typeof(WireLimits), typeof(RoutingOptions), typeof(Libp2pOptions) }
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(property => property.CanWrite && (IsPlain(property.PropertyType) || IsAddresses(property)))
            .GroupBy(property => property.Name, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _properties.Values.Select(properties => properties[0].Name).Where(name => name != nameof(NodeOptions.Path)).Order(StringComparer.Ordinal)];

    /// <summary>Sets one option.</summary>
    /// <param name="options">The options to start from; they stay as they are.</param>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="value">A number, a Boolean, a text, for a time a <see cref="TimeSpan"/> or a number of seconds, for addresses one or several.</param>
    /// <returns>The options with it.</returns>
    /// <exception cref="ArgumentException">There is no such option, or the value is not of its kind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of the option's range.</exception>
    public static NodeOptions Set(NodeOptions options, string name, object? value)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!_properties.TryGetValue(name, out PropertyInfo[]? properties) || name.Equals(nameof(NodeOptions.Path), StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"There is no option '{name}'.", nameof(name));
        }

        foreach (PropertyInfo property in properties)
        {
            object? converted = Convert(value, property);
            options = property.DeclaringType switch
            {
                { } type when type == typeof(EngineOptions) => options with { Engine = With(options.Engine, property, converted) },
                { } type when type == typeof(WireLimits) => options with { Wire = With(options.Wire, property, converted) },
                { } type when type == typeof(RoutingOptions) => options with { Routing = With(options.Routing, property, converted) },
                { } type when type == typeof(Libp2pOptions) => WithHost(options, property, converted),
                _ => With(options, property, converted),
            };
        }

        return options;
    }

    private static NodeOptions WithHost(NodeOptions options, PropertyInfo property, object? value)
    {
        // the host's options have no value to try it on until the node has an identity, and a bad one is to be refused here
        With(new Libp2pOptions { Identity = Libp2p.Crypto.PrivateKey.Generate() }, property, value);
        Func<Libp2pOptions, Libp2pOptions>? before = options.ConfigureHost;
        return options with { ConfigureHost = host => With(before is null ? host : before(host), property, value) };
    }

    private static T With<T>(T options, PropertyInfo property, object? value)
        where T : class
    {
        // what the compiler makes of `options with { }`
        T copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(options, null)!;
        try
        {
            property.SetValue(copy, value);
        }
        catch (TargetInvocationException refused) when (refused.InnerException is ArgumentException inner)
        {
            throw inner;
        }

        return copy;
    }

    private static object? Convert(object? value, PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        try
        {
            return value switch
            {
                null when type != property.PropertyType || !type.IsValueType => null,
                null => throw new ArgumentException($"{property.Name} needs a value.", property.Name),
                _ when type.IsInstanceOfType(value) => value,
                _ when type == typeof(IReadOnlyList<Uri>) => Uris(value),
                _ when type == typeof(IReadOnlyList<Multiaddr>) => Addresses(value),
                _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(System.Convert.ToDouble(value, CultureInfo.InvariantCulture)),
                _ => System.Convert.ChangeType(value, type, CultureInfo.InvariantCulture),
            };
        }
        catch (Exception failure) when (failure is FormatException or InvalidCastException or OverflowException)
        {
            throw new ArgumentException($"'{value}' is no {(type.IsGenericType ? "list of addresses" : type.Name)}.", property.Name, failure);
        }
    }

    private static Uri[] Uris(object? value) => value switch
    {
        Uri uri => [uri],
        string text => [new Uri(text, UriKind.RelativeOrAbsolute)],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(Uris)],
        _ => throw new InvalidCastException(),
    };

    private static Multiaddr[] Addresses(object? value) => value switch
    {
        Multiaddr address => [address],
        string text => [Multiaddr.Parse(text)],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().SelectMany(Addresses)],
        _ => throw new InvalidCastException(),
    };

    private static bool IsPlain(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(int) || plain == typeof(long) || plain == typeof(ulong) || plain == typeof(double)
            || plain == typeof(bool) || plain == typeof(TimeSpan) || plain == typeof(string) || plain == typeof(IReadOnlyList<Uri>);
    }

    // what takes several addresses, where it is not a parameter of its own
    private static bool IsAddresses(PropertyInfo property) => property.DeclaringType == typeof(RoutingOptions) && property.PropertyType == typeof(IReadOnlyList<Multiaddr>);
}
