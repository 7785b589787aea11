# Firmware of the lab's test guests. It only releases PCI devices on an unplug request, TICKS ticks
# of 50 ms after the request; with TICKS=0 it never answers. It supports ACPI hot-plug of q35 and pc
# and native PCIe hot-plug, and starts in under a second where a nested Linux takes minutes.

        .equ    TICK, 1193182 / 20              # one tick of the timer (PIT), in its own clock
        .equ    TIMER_VECTOR, 0x20
        .equ    SPURIOUS_VECTOR, 0x27
        .equ    APIC_BASE, 0x1b
        .equ    CONFIG_ADDRESS, 0xcf8
        .equ    CONFIG_DATA, 0xcfc

        # ACPI hot-plug registers, from the base on
        .equ    ACPI_Q35, 0x0cc0
        .equ    ACPI_PC, 0xae00
        .equ    REMOVED, 4                      # slots with an unplug request
        .equ    EJECT, 8                        # slots to eject
        .equ    BUS, 16                         # the bus that the others refer to

        # A root port's Slot Control (low half) and Slot Status (high half)
        .equ    PORT_CLASS, 0x0604
        .equ    SLOT, 0x54 + 0x18
        .equ    POWER_OFF, 1 << 10
        .equ    BUTTON_PRESSED, 1 << 16
        .equ    PRESENCE_CHANGED, 1 << 19
        .equ    PRESENT, 1 << 22
        .equ    ALL_SEEN, 0x1f << 16            # writing ones clears the events
        .equ    SWITCH_ON, ALL_SEEN | 0x0100    # power indicator on
        .equ    SWITCH_OFF, ALL_SEEN | 0x0300 | POWER_OFF

        .code16
        .globl  start
        .text
start:
        cli
        .if     TICKS == 0
forever:
        hlt
        jmp     forever
        .else
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movw    $tick, TIMER_VECTOR * 4
        movw    %cs, TIMER_VECTOR * 4 + 2
        movw    $ignore, SPURIOUS_VECTOR * 4
        movw    %cs, SPURIOUS_VECTOR * 4 + 2

        # Without the local APIC the interrupt controller (PIC) reaches the processor directly.
        movl    $APIC_BASE, %ecx
        rdmsr
        andl    $~(1 << 11), %eax
        wrmsr

        # Interrupt controller: vectors from TIMER_VECTOR on, all but the timer masked.
        movb    $0x11, %al
        outb    %al, $0x20
        movb    $TIMER_VECTOR, %al
        outb    %al, $0x21
        movb    $0x04, %al
        outb    %al, $0x21
        movb    $0x01, %al
        outb    %al, $0x21
        movb    $0xfe, %al
        outb    %al, $0x21

        # Timer: a tick every 50 ms.
        movb    $0x34, %al
        outb    %al, $0x43
        movw    $TICK, %ax
        outb    %al, $0x40
        movb    %ah, %al
        outb    %al, $0x40
        sti

        xorl    %ebp, %ebp                      # ticks since the unplug request
sleep:
        hlt
        movw    $ACPI_Q35, %bx
        call    answer_acpi
        movw    $ACPI_PC, %bx
        call    answer_acpi
        movl    $0x80000800, %edi               # bus 0, slots 1 to 7
1:      call    answer_port
        addl    $0x800, %edi
        cmpl    $0x80004000, %edi
        jb      1b
        jmp     sleep

# Ejects the devices with an unplug request on any of 16 buses. bx: base of the registers.
answer_acpi:
        xorl    %ecx, %ecx
1:      leaw    BUS(%bx), %dx
        movl    %ecx, %eax
        outl    %eax, %dx
        leaw    REMOVED(%bx), %dx
        inl     %dx, %eax
        testl   %eax, %eax
        jz      2f
        cmpl    $-1, %eax                       # no such registers on this machine
        je      3f
        call    due
        jb      2f
        leaw    EJECT(%bx), %dx
        outl    %eax, %dx
2:      incw    %cx
        cmpw    $16, %cx
        jb      1b
3:      ret

# Switches a root port's slot on when a card was added and off when its button was pressed.
# edi: the device's configuration address.
answer_port:
        movb    $0x08, %al
        call    select
        inl     %dx, %eax
        shrl    $16, %eax
        cmpw    $PORT_CLASS, %ax
        jne     3f
        movb    $SLOT, %al
        call    select
        inl     %dx, %eax
        testl   $(BUTTON_PRESSED | PRESENCE_CHANGED), %eax
        jz      3f
        testl   $PRESENT, %eax
        jz      2f
        testl   $POWER_OFF, %eax
        jnz     1f
        testl   $BUTTON_PRESSED, %eax
        jz      2f
        call    due
        jb      3f
        movl    $SWITCH_OFF, %eax
        outl    %eax, %dx
        ret
1:      movl    $SWITCH_ON, %eax
        outl    %eax, %dx
        ret
2:      andl    $0xffff, %eax                   # nothing to do: only clear the events
        orl     $ALL_SEEN, %eax
        outl    %eax, %dx
3:      ret

# Counts a tick. The flags are "below" until TICKS ticks have passed.
due:
        incl    %ebp
        cmpl    $TICKS, %ebp
        jb      1f
        xorl    %ebp, %ebp
1:      ret

# Selects register al of device edi for CONFIG_DATA, whose port is left in dx.
select:
        movzbl  %al, %eax
        orl     %edi, %eax
        movw    $CONFIG_ADDRESS, %dx
        outl    %eax, %dx
        movw    $CONFIG_DATA, %dx
        ret

tick:
        pushw   %ax
        movb    $0x20, %al
        outb    %al, $0x20
        popw    %ax
ignore:
        iret
        .endif

        .org    0xfff0                          # where the processor starts
        ljmp    $0xf000, $start
        .org    0xffff
        .byte   0
