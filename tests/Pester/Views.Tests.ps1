BeforeDiscovery {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Samples.ps1"
    $all = Get-OutputType | ForEach-Object { @{ Name = $_.Name; Type = $_ } }
    $types = (Get-Module Bitswap).ExportedCmdlets.Values.OutputType.Type | Where-Object Namespace -EQ 'Bitswap' | Sort-Object -Unique FullName |
        ForEach-Object { @{ Name = $_.Name; Type = $_ } }
    # each view of the file, on consoles of both widths: a line that fills one would wrap in some
    [xml] $file = Get-Content -Raw -LiteralPath "$ModuleRoot/bin/Bitswap/Bitswap.Format.ps1xml"
    $views = foreach ($view in $file.Configuration.ViewDefinitions.View) {
        foreach ($typeName in $view.ViewSelectedBy.TypeName) {
            $kind = 'Table', 'List', 'Wide', 'Custom' | Where-Object { $view."$($_)Control" }
            foreach ($columns in 80, 120) { @{ View = $view.Name; Kind = $kind; TypeName = $typeName; Columns = $columns } }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Samples.ps1"
    # what a console of 80 columns has room for: a line that fills it would wrap in some
    $width = 79
    $folder = New-TemporaryFolder
    $samples = New-Sample $folder

    function Get-Table([type] $Type) {
        (Get-FormatData -TypeName $Type.FullName).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.TableControl] } | Select-Object -First 1
    }

    # An object of a type whose every property holds the largest there is: what the widest row looks like.
    function New-Worst([type] $Type) {
        $object = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
        foreach ($field in $Type.GetFields([Reflection.BindingFlags] 'Instance, NonPublic, Public')) {
            $of = [Nullable]::GetUnderlyingType($field.FieldType) ?? $field.FieldType
            $value = switch ($of.FullName) {
                'System.String' {
                    switch -Regex ($field.Name) {
                        '<(Cid|Parent|Root|From)>' { $samples.BitswapBlock.Cid; break }
                        '<(PeerId|Peer)>' { $samples.BitswapNode.PeerId; break }
                        '<Address>' { $samples.BitswapNode.Addresses[0]; break }
                        default { 'W' * 300 }
                    }
                }
                'System.Boolean' { $true }
                # numbers that say which one it is, where others say how many
                'System.Int32' { $field.Name -match '<(Id|Ping)>' ? 99999 : [int]::MaxValue }
                'System.Int64' { $field.Name -match '<(Id|Ping)>' ? 99999L : 1TB - 1 }
                'System.UInt64' { [ulong] (1TB - 1) }
                'System.Double' { [double] (1TB - 1) }
                'System.TimeSpan' { [timespan]::new(99, 23, 59, 59, 999) }
                'System.DateTimeOffset' { [DateTimeOffset]::new(2026, 12, 31, 23, 59, 59, 999, [timespan]::Zero) }
                'System.DateTime' { [datetime]::new(2026, 12, 31, 23, 59, 59) }
                'Bitswap.Cid' { [Bitswap.Cid] $samples.BitswapBlock.Cid }
                'Bitswap.PeerId' { [Bitswap.PeerId] $samples.BitswapNode.PeerId }
                'Bitswap.BitswapNode' { $samples.BitswapNode }
                default { $null }
            }
            if ($null -ne $value) {
                $field.SetValue($object, $value)
            }
        }

        $object
    }


    function ConvertTo-Line([scriptblock] $Script) {
        & $Script | Out-String -Stream -Width $width | ForEach-Object { $_ -replace '\e\[[0-9;]*m' } | Where-Object { $_.Trim() }
    }
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'The views of the file' {
    It 'are all looked at, and are of every output type' -ForEach @{ views = $views; types = $types } {
        $views.Count | Should -BeGreaterThan 60
        $types.Type.FullName | Should -BeIn $views.TypeName
    }
}

Describe 'The <Kind> <View> of <TypeName> in <Columns> columns' -ForEach $views {
    BeforeAll {
        $type = [type] $TypeName
        $sample = $samples[$type.Name] ?? $(switch ($type.Name) {
                'Cid' { [Bitswap.Cid] $samples.BitswapBlock.Cid }
                'PeerId' { [Bitswap.PeerId] $samples.BitswapNode.PeerId }
                'Multiaddr' { [Bitswap.Multiaddr] $samples.BitswapNode.Addresses[0] }
                'Multihash' { ([Bitswap.Cid] $samples.BitswapBlock.Cid).Hash }
            })
        # a value has no fields of its own to fill
        $worst = $samples.ContainsKey($type.Name) ? (New-Worst $type) : $sample
        function Get-Screen($Object) {
            # what a value looks like is chosen without being asked for
            $format = @{ Table = { $args[0] | Format-Table -View $View -DisplayError }; List = { $args[0] | Format-List -View $View -DisplayError }; Wide = { $args[0] | Format-Wide -View $View -DisplayError }; Custom = { $args[0] } }[$Kind]
            & $format $Object | Out-String -Stream -Width ($Columns - 1)
        }
    }

    It 'fits, with colours and without' {
        foreach ($rendering in 'Ansi', 'PlainText') {
            $before = $PSStyle.OutputRendering
            $PSStyle.OutputRendering = $rendering
            try {
                foreach ($object in $sample, $worst) {
                    $lines = Get-Screen $object
                    $lines | Where-Object { $_.Trim() } | Should -Not -BeNullOrEmpty
                    "$lines" | Should -Not -Match '#ERR'
                    # a value by itself is whole, to be copied
                    if ($Kind -ne 'Custom') { foreach ($line in $lines) { ($line -replace '\e\[[0-9;]*m').Length | Should -BeLessThan $Columns -Because $line } }
                    if ($rendering -eq 'PlainText') { "$lines" | Should -Not -Match '\e' }
                    # what a line begins to colour it ends
                    foreach ($line in @($lines) -match '\e\[') { $line | Should -Match '\e\[0?m[^\e]*$' -Because 'the next line is not to be coloured' }
                }
            }
            finally {
                $PSStyle.OutputRendering = $before
            }
        }
    }

    It 'has each header whole, in one line' {
        if ($Kind -eq 'Table') {
            $lines = [string[]] @(Get-Screen $worst | ForEach-Object { $_ -replace '\e\[[0-9;]*m' } | Where-Object { $_.Trim() })
            $rule = [array]::FindIndex($lines, [Predicate[string]] { $args[0] -match '^[- ]+$' })
            # the node may stand above
            $lines[0..($rule - 1)] | Where-Object { $_ -notmatch '^ +Node: ' } | Should -HaveCount 1
            foreach ($header in (Get-FormatData -TypeName $TypeName).FormatViewDefinition.Where{ $_.Name -eq $View -and $_.Control.Headers }.Control.Headers) {
                $lines[$rule - 1] | Should -Match "(^| )$([regex]::Escape($header.Label))( |`$)"
            }
        }
    }

    It 'shortens CIDs and ids in the middle, and sizes and times never' {
        $counts = foreach ($object in $sample, $worst) {
            $text = (Get-Screen $object | ForEach-Object { $_ -replace '\e\[[0-9;]*m' }) -join "`n"
            $text | Should -Not -Match '\b(baf|12D3)\w*…(\s|$)' -Because 'the end says which one it is'
            $text | Should -Not -Match '(^|\s)…\w' -Because 'the beginning says what it is'
            @{
                Sizes = [regex]::Matches($text, '(?<![\w…])\d+(\.\d+)? (B|KiB|MiB|GiB|TiB)(?![\w…])').Count
                Times = [regex]::Matches($text, '(?<![\w…])(\d+(\.\d+)? (ms|s)|\d+ m \d+ s|\d+ h \d+ m|\d+ d \d+ h)(?![\w…])').Count
            }
        }

        # each cell that shows one does so of the object that has it
        $cells = (Get-FormatData -TypeName $TypeName).FormatViewDefinition.Where{ $_.Name -eq $View -and $_.Control.Rows }.Control.Rows.Columns.DisplayEntry.Value
        ($counts.Sizes | Measure-Object -Maximum).Maximum | Should -BeGreaterOrEqual @($cells | Where-Object { $_ -like '`[Bitswap.Display`]::Bytes(*' }).Count
        ($counts.Times | Measure-Object -Maximum).Maximum | Should -BeGreaterOrEqual @($cells | Where-Object { $_ -like '`[Bitswap.Display`]::Time(*' }).Count
    }
}

Describe 'A table of several nodes' {
    It 'says whose the rows are, where more than one node runs: <Name>' -ForEach @{ Name = 'BitswapPeer' }, @{ Name = 'BitswapWantlistEntry' }, @{ Name = 'BitswapLedger' }, @{ Name = 'BitswapServedGraph' }, @{ Name = 'BitswapPin' }, @{ Name = 'BitswapPing' }, @{ Name = 'BitswapBlockStatus' }, @{ Name = 'BitswapProvider' } {
        $lines = ConvertTo-Line { $samples[$Name] | Format-Table }
        $lines[0] | Should -Be "   Node: $($samples[$Name].Node)"
    }

    It 'groups the rows of each' {
        $lines = ConvertTo-Line { Get-BitswapNode | Get-BitswapPeer }
        @($lines -match '^   Node: ').Count | Should -Be @(Get-BitswapNode | Where-Object { $_.Peers.Count }).Count
    }

    It 'has no heading where one node runs, of which all is' {
        $script = "Import-Module '$ManifestPath'; `$node = Start-BitswapNode; 'x' | Add-BitswapBlock | Add-BitswapPin -Name here; Get-BitswapPin | Format-Table"
        $lines = & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command $script
        "$lines" | Should -Match 'here'
        "$lines" | Should -Not -Match 'Node:'
    }
}

Describe 'The view of <Name>' -ForEach $types {
    It 'is there, as a table or a list' {
        $controls = (Get-FormatData -TypeName $Type.FullName).FormatViewDefinition.Control
        @($controls | Where-Object { $_ -is [Management.Automation.TableControl] -or $_ -is [Management.Automation.ListControl] }) | Should -Not -BeNullOrEmpty
    }

    It 'is a table that fits 80 columns, where it is one' {
        if ($view = Get-Table $Type) {
            $headers = $view.Control.Headers
            $sum = ($headers | ForEach-Object { $_.Width ? $_.Width : [Math]::Max($_.Label.Length, 10) } | Measure-Object -Sum).Sum + $headers.Count - 1
            $sum | Should -BeLessOrEqual $width
            foreach ($header in $headers | Where-Object Width) { $header.Label.Length | Should -BeLessOrEqual $header.Width -Because "$($header.Label) would break" }
            @($headers | Where-Object Width -EQ 0).Count | Should -BeLessOrEqual 1 -Because 'one column alone may take what is left'
        }
    }

    It 'has room for sizes, times and shortened CIDs' {
        if ($view = Get-Table $Type) {
            for ($i = 0; $i -lt $view.Control.Headers.Count; $i++) {
                $header = $view.Control.Headers[$i]
                $least = switch -Regex ($view.Control.Rows[0].Columns[$i].DisplayEntry.Value) {
                    '\]::Bytes\(' { 10; break }
                    '\]::Time\(' { 9; break }
                    '\]::Short\(' { 19; break }
                    default { 0 }
                }
                if ($header.Width) { $header.Width | Should -BeGreaterOrEqual $least -Because $header.Label }
            }
        }
    }

    It 'shows the largest values within 80 columns and loses no column' {
        $worst = New-Worst $Type
        if ($view = Get-Table $Type) {
            $lines = ConvertTo-Line { $worst | Format-Table -View $view.Name }
            $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
            $lines = $lines -notmatch '^   Node: '
            foreach ($header in $view.Control.Headers) { $lines[0] | Should -Match ([regex]::Escape($header.Label)) }
            ($lines -join "`n") | Should -Not -Match 'W{80}'
        }
        else {
            ConvertTo-Line { $worst | Format-List } | Should -Not -BeNullOrEmpty
        }
    }
}

Describe 'What is seen of a <Name>' -ForEach $all {
    It 'has no error in a cell, and fits' {
        $object = $samples[$Name]
        if (Get-Table $Type) {
            $lines = ConvertTo-Line { $object | Format-Table -DisplayError }
            $lines | Should -Not -Match '#ERR'
            $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
        }

        ConvertTo-Line { $object | Format-List -DisplayError } | Should -Not -Match '#ERR'
        ConvertTo-Line { $object | Format-Wide } | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
    }

    It 'is the same when a serializer has had it' {
        $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($samples[$Name], 3))
        ConvertTo-Line { $copy | Format-List -DisplayError } | Should -Not -Match '#ERR'
        if ((Get-Table $Type) -and $Name -ne 'BitswapTestNetwork') {
            # what tells the time tells another
            $still = { $args[0] -replace '\d+(\.\d+)? (ms|s|B)\b', '#' -replace ' +', ' ' }
            ConvertTo-Line { $copy | Format-Table -DisplayError } | ForEach-Object { & $still $_ } | Should -Be (ConvertTo-Line { $samples[$Name] | Format-Table } | ForEach-Object { & $still $_ })
        }
    }
}

Describe 'A table of 80 columns' {
    It 'keeps the name, the size and the CID: <Name>' -ForEach @(
        @{ Name = 'BitswapAddedFile' }
        @{ Name = 'BitswapFile' }
    ) {
        $lines = ConvertTo-Line { $samples[$Name] | Format-Table }
        $cid = $samples[$Name].Cid
        $lines[-1] | Should -Match ([regex]::Escape($cid.Substring(0, 8)) + '.*\b' + [regex]::Escape($samples[$Name].Name))
        $lines[-1] | Should -Match ([regex]::Escape($cid.Substring($cid.Length - 6)))
        $lines[-1] | Should -Match '\b\d+ B\b'
    }

    It 'has whole CIDs of blocks, to copy' {
        (ConvertTo-Line { $samples.BitswapBlock | Format-Table })[-1] | Should -Match "^$($samples.BitswapBlock.Cid) +7 B raw"
    }
}
